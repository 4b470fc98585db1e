using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Processes.Protocol;
using Samovar.Serialization;

namespace Samovar.Processes.Worker;

/// <summary>Writes a worker's records into its result ring, and holds the objects that they refer to until the executor has read them.
/// Thread-safe.</summary>
/// <remarks>
/// <list type="number">
/// <item>A thread that writes holds the gate. Under the gate only ring, bell and segments are used; values are serialized before.</item>
/// <item>The definitions that a record needs are written before it, while the gate is held.</item>
/// <item>Shared objects in a record are held until the executor has read past the end of the record; so are the segments of large records.</item>
/// <item>Records of tiny tasks do not ring the executor's bell each time. It is rung before this worker sleeps, for every sixteenth such record,
/// and for the first record of a task that is not tiny. An executor that expects tiny tasks polls every millisecond.</item>
/// <item>Only the main thread checks whether everything has been opened; the result of the check belongs to it.</item>
/// </list>
/// </remarks>
internal sealed class RecordWriter(WorkerChannel channel, ShippingWriter messages)
{
    /// <summary>The duration for records that ring the bell immediately.</summary>
    public const long RingsAtOnce = long.MaxValue;

    private const int LargestSilentRun = 16;

    /// <summary>How often a worker yields before it sleeps while its executor is about to open a large message.</summary>
    private const int MostYields = 100;

    private static readonly long s_shortTask = Stopwatch.Frequency / 100_000; // 10 µs
    private static readonly TimeSpan s_roomPoll = TimeSpan.FromMilliseconds(1);

    [ThreadStatic]
    private static InFlightHandles? t_unused; // almost no record needs one

    private readonly object _gate = new();
    private readonly Queue<UnreadRecord> _unread = new(); // shared objects of records that the executor may not have read yet
    private int _definitionsSent;
    private int _unrung;
    private long _largeSent; // gate to write
    private long _largeOpened; // main thread
    private long _unreadEnd; // gate to write: the end of the last record with shared objects
    private long _passed; // main thread: the last known read position of the executor

    /// <summary>Serializes values; the records must be written in the same process, in any order.</summary>
    public ShippingWriter Messages { get; } = messages;

    /// <summary>Returns a holder for the shared objects in a value that will be written. The caller returns it, or transfers it with the
    /// record.</summary>
    public static InFlightHandles RentHolder()
    {
        var holder = t_unused ?? new InFlightHandles();
        t_unused = null;
        return holder;
    }

    /// <summary>Releases the objects of a holder; does nothing for null, when a record owns the holder.</summary>
    public static void ReturnHolder(InFlightHandles? holder)
    {
        holder?.Dispose();
        t_unused = holder;
    }

    /// <summary>Returns the handles of the held objects, as they follow a body.</summary>
    public static ReadOnlySpan<byte> HandlesOf(InFlightHandles holder) =>
        holder.Count == 0 ? [] : MemoryMarshal.AsBytes<SharedHandle>(holder.Handles.ToArray());

    /// <summary>Writes a record that needs no definitions.</summary>
    /// <param name="tag">The kind of the record.</param>
    /// <param name="header">The header.</param>
    /// <param name="rest">The data after the header.</param>
    /// <param name="took">How long the task of the record ran; <see cref="RingsAtOnce"/> to ring immediately.</param>
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
    /// <param name="tag">The kind of the record.</param>
    /// <param name="header">The header, without the numbers of definitions and shared objects.</param>
    /// <param name="body">The body, followed by the handles of the held objects.</param>
    /// <param name="definitions">The number of definitions that the body needs.</param>
    /// <param name="holder">Holds the shared objects in the body; null if it has no shared objects. Otherwise, set to null: they are held until the
    /// executor has read past the record.</param>
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

    /// <summary>Publishes definitions before the data that needs them. Returns true if there were any to publish.</summary>
    public bool Define(int needed)
    {
        if (needed <= Volatile.Read(ref _definitionsSent)) return false;
        lock (_gate) DefineLocked(needed);
        return true;
    }

    /// <summary>Blocks until the executor has opened the shared objects in all records, because this process is about to exit.</summary>
    public void AwaitReaders()
    {
        lock (_gate)
        {
            for (ReclaimLocked(); _unread.Count > 0; ReclaimLocked()) AwaitSpaceLocked();
        }
    }

    /// <summary>Blocks until the executor has opened the large messages and the shared objects that were sent. They are lost if this process dies,
    /// and the next task may crash it: without this wait, a crash could cost the result of an earlier task too.</summary>
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

    /// <summary>Notifies the executor of everything that was written.</summary>
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
        segment = null; // owned by the sender now
        Volatile.Write(ref _largeSent, _largeSent + 1);
    }

    private void DefineLocked(int needed)
    {
        if (needed <= _definitionsSent) return;
        var block = new ArrayBufferWriter<byte>();
        Messages.WriteDefinitions(_definitionsSent, needed, block);
        WriteLocked(RecordTag.Definitions, [], new BytesBody(block.WrittenSpan)); // while this thread waits for room, another thread may write the same definitions
        Volatile.Write(ref _definitionsSent, Math.Max(needed, _definitionsSent));
    }

    private Span<byte> AwaitRoomLocked(int length)
    {
        Span<byte> place;
        while (!channel.Results.TryReserve(length, out place)) AwaitSpaceLocked();
        return place;
    }

    // The executor does not ring back for this; it is busy with reading, and a millisecond is short compared with the time to read a full ring.
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
        Debug.Assert(Monitor.IsEntered(_gate), "a thread that writes holds the gate");
        Debug.Assert(end > _unreadEnd, "records end in the order in which they are written");
        Debug.Assert(_unrung < LargestSilentRun, "the bell is rung after a full run of silent records");
    }

    /// <summary>The shared objects of a record, held until the executor has read past its end.</summary>
    private sealed record UnreadRecord(long End, InFlightHandles Kept);
}
