using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Processes.Protocol;
using Samovar.Serialization;

namespace Samovar.Processes.Worker;

/// <summary>Writes a worker's records into its result ring, and holds what they refer to until the executor has read them. Safe for any
/// thread.</summary>
/// <remarks>
/// <list type="number">
/// <item>Whoever writes holds the gate. Under it only ring, bell and segments are used; values have become bytes before.</item>
/// <item>The definitions that a record needs are written before it, under the same hold of the gate.</item>
/// <item>Shared objects in a record are held until the executor has passed its end; so are the segments of large records.</item>
/// <item>Records of tiny tasks do not ring the executor's bell one by one; the last before this worker sleeps does, or the
/// sixteenth, or the first that was of no tiny task. An executor that expects tiny tasks looks by itself every millisecond.</item>
/// <item>The main thread alone asks whether everything is opened; what it has found out is its own.</item>
/// </list>
/// </remarks>
internal sealed class RecordWriter(WorkerChannel channel)
{
    /// <summary>For records that ring at once.</summary>
    public const long RingsAtOnce = long.MaxValue;

    private const int LargestSilentRun = 16;

    /// <summary>How often a worker yields before it sleeps, while its executor is about to open a large message.</summary>
    private const int MostYields = 100;

    private static readonly long s_shortTask = Stopwatch.Frequency / 100_000; // 10 µs
    private static readonly TimeSpan s_roomPoll = TimeSpan.FromMilliseconds(1);

    [ThreadStatic]
    private static InFlightHandles? t_unused; // almost no record needs one

    private readonly object _gate = new();
    private readonly Queue<UnreadRecord> _unread = new(); // shared objects of records that may not have been read
    private int _definitionsSent;
    private int _unrung;
    private long _largeSent; // gate to write
    private long _largeOpened; // main thread
    private long _unreadEnd; // gate to write: where the last record with shared objects ends
    private long _passed; // main thread: how far the executor has read, as far as is known

    /// <summary>Makes values bytes; records must be written in the same process, and in no order.</summary>
    public ShippingWriter Messages { get; } = new();

    /// <summary>Holds the shared objects that a value to be written brings; to be given back, or handed over with the record.</summary>
    public static InFlightHandles RentHolder()
    {
        var holder = t_unused ?? new InFlightHandles();
        t_unused = null;
        return holder;
    }

    /// <summary>Releases what a holder holds; null where a record has it.</summary>
    public static void ReturnHolder(InFlightHandles? holder)
    {
        holder?.Dispose();
        t_unused = holder;
    }

    /// <summary>The handles of what is held, as they follow a body.</summary>
    public static ReadOnlySpan<byte> HandlesOf(InFlightHandles holder) =>
        holder.Count == 0 ? [] : MemoryMarshal.AsBytes<SharedHandle>(holder.Handles.ToArray());

    /// <summary>Writes a record that needs no definitions.</summary>
    /// <param name="tag">What it is.</param>
    /// <param name="header">Its header.</param>
    /// <param name="rest">What follows.</param>
    /// <param name="took">How long the task that it is about ran; <see cref="RingsAtOnce"/> for none.</param>
    public void Write<THeader>(RecordTag tag, in THeader header, ReadOnlySpan<byte> rest, long took)
        where THeader : unmanaged
    {
        lock (_gate)
        {
            WriteLocked(tag, RecordHeaders.BytesOf(in header), new BytesBody(rest));
            RingLocked(took);
        }
    }

    /// <summary>Writes a message through a port.</summary>
    public void WriteLive(in LiveHeader header, ShippedBody message)
    {
        lock (_gate)
        {
            DefineLocked(header.DefinitionsNeeded);
            WriteLocked(RecordTag.Live, RecordHeaders.BytesOf(in header), new MessageBody(message, []));
            RingLocked(RingsAtOnce);
        }
    }

    /// <summary>Writes a result with a body.</summary>
    /// <param name="tag">What it is.</param>
    /// <param name="header">Its header, without what the next three say.</param>
    /// <param name="body">The body, and the handles of what is held.</param>
    /// <param name="definitions">How many definitions the body needs.</param>
    /// <param name="holder">Holds the shared objects in the body; null for none. Null from here on where there are some: they are held until the
    /// executor has passed the record.</param>
    /// <param name="took">As for <see cref="Write"/>.</param>
    public void WriteResult<TBody>(RecordTag tag, in ResultHeader header, TBody body, int definitions, ref InFlightHandles? holder, long took)
        where TBody : IRecordBody, allows ref struct
    {
        lock (_gate)
        {
            DefineLocked(definitions);
            var whole = header with { DefinitionsNeeded = definitions, SharedObjects = holder?.Count ?? 0 };
            WriteLocked(tag, RecordHeaders.BytesOf(in whole), body);
            if (whole.SharedObjects > 0)
            {
                HoldUntilReadLocked(holder!);
                holder = null;
            }

            RingLocked(took);
        }
    }

    /// <summary>Publishes definitions ahead of what needs them. True: there were some.</summary>
    public bool Define(int needed)
    {
        if (needed <= Volatile.Read(ref _definitionsSent)) return false;
        lock (_gate) DefineLocked(needed);
        return true;
    }

    /// <summary>Blocks until the executor has opened the shared objects in all records: this process is about to end.</summary>
    public void AwaitReaders()
    {
        lock (_gate)
        {
            for (ReclaimLocked(); _unread.Count > 0; ReclaimLocked()) AwaitSpaceLocked();
        }
    }

    /// <summary>Blocks until the executor has opened the large messages and the shared objects that were sent: they may go with this process,
    /// and what runs next may end it. What has not been opened costs its own task only while nothing else runs.</summary>
    public void AwaitOpened()
    {
        if (IsAllOpened()) return;
        channel.ParentBell.Ring();
        var spin = new SpinWait();
        while (!IsAllOpened())
        {
            if (!spin.NextSpinWillYield || spin.Count < MostYields)
            {
                spin.SpinOnce(sleep1Threshold: -1);
                continue;
            }

            lock (_gate) Monitor.Wait(_gate, s_roomPoll);
        }

        lock (_gate) ReclaimLocked();
    }

    /// <summary>Lets the executor know of everything that was written.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            ReclaimLocked();
            if (_unrung == 0) return;
            _unrung = 0;
        }

        channel.ParentBell.Ring();
    }

    private bool IsAllOpened()
    {
        long largeSent = Volatile.Read(ref _largeSent);
        if (largeSent != _largeOpened && channel.LosesLargeMessages && (_largeOpened = channel.LargeOpened) < largeSent) return false;
        long unreadEnd = Volatile.Read(ref _unreadEnd);
        if (unreadEnd <= _passed) return true;
        lock (_gate) _passed = channel.Results.ReadHead();
        return unreadEnd <= _passed;
    }

    private void ReclaimLocked()
    {
        channel.LargeResults.Reclaim();
        if (_unread.Count == 0) return;
        long head = channel.Results.ReadHead();
        while (_unread.TryPeek(out var oldest) && oldest.End <= head) _unread.Dequeue().Kept.Dispose();
    }

    /// <summary>Holds the shared objects of the record that was just written.</summary>
    private void HoldUntilReadLocked(InFlightHandles kept)
    {
        long end = channel.Results.Position;
        CheckInvariantsLocked(end);
        _unread.Enqueue(new UnreadRecord(end, kept));
        Volatile.Write(ref _unreadEnd, end);
    }

    private unsafe void WriteLocked<TBody>(RecordTag tag, ReadOnlySpan<byte> header, TBody body)
        where TBody : IRecordBody, allows ref struct
    {
        int length = checked(header.Length + body.Length);
        if (length <= channel.Results.LargestPayload)
        {
            var place = AwaitRoomLocked(length);
            header.CopyTo(place);
            body.CopyTo(place[header.Length..]);
            channel.Results.Commit(length, (ushort)tag);
            return;
        }

        var segment = channel.LargeResults.CreateSegment(length);
        try
        {
            var place = new Span<byte>(segment.Start, length);
            header.CopyTo(place);
            body.CopyTo(place[header.Length..]);
            SendLargeLocked(ref segment, tag);
        }
        finally
        {
            segment?.Dispose();
        }
    }

    private void SendLargeLocked(ref SharedSegment? segment, RecordTag tag)
    {
        while (!channel.LargeResults.TryWrite(segment!, (ushort)tag)) AwaitSpaceLocked();
        segment = null; // the sender's
        Volatile.Write(ref _largeSent, _largeSent + 1);
    }

    private void DefineLocked(int needed)
    {
        if (needed <= _definitionsSent) return;
        var block = new ArrayBufferWriter<byte>();
        Messages.WriteDefinitions(_definitionsSent, needed, block);
        WriteLocked(RecordTag.Definitions, [], new BytesBody(block.WrittenSpan)); // another thread may write them too, while this one waits for room
        Volatile.Write(ref _definitionsSent, Math.Max(needed, _definitionsSent));
    }

    private Span<byte> AwaitRoomLocked(int length)
    {
        Span<byte> place;
        while (!channel.Results.TryReserve(length, out place)) AwaitSpaceLocked();
        return place;
    }

    // The executor does not ring back for this; it is busy reading, and a millisecond is a small part of a full ring.
    private void AwaitSpaceLocked()
    {
        channel.ParentBell.Ring();
        Monitor.Wait(_gate, s_roomPoll);
    }

    private void RingLocked(long took)
    {
        if (took < s_shortTask && ++_unrung < LargestSilentRun) return;
        _unrung = 0;
        channel.ParentBell.Ring();
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked(long end)
    {
        Debug.Assert(Monitor.IsEntered(_gate), "whoever writes holds the gate");
        Debug.Assert(end > _unreadEnd, "records end in the order in which they are written");
        Debug.Assert(_unrung < LargestSilentRun, "a full run of silent records was announced");
    }

    /// <summary>The shared objects of a record, until the executor has passed its end.</summary>
    private sealed record UnreadRecord(long End, InFlightHandles Kept);
}
