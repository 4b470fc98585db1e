using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Samovar.Ipc;
using Samovar.Serialization;

namespace Samovar.Processes;

/// <summary>What a worker tells its executor. Safe for any thread: one at a time writes to the ring.</summary>
/// <remarks>Answers of tiny tasks do not ring the executor's bell one by one; the last before this worker sleeps does, or the
/// sixteenth, or the first that was no tiny task. An executor that expects tiny tasks looks by itself every
/// millisecond.</remarks>
internal sealed partial class WorkerAnswers(WorkerChannel channel)
{
    private const int LargestSilentRun = 16;
    /// <summary>How often a worker yields before it sleeps, while its executor is about to open a large message.</summary>
    private const int MostYields = 100;

    private static readonly long s_shortTask = Stopwatch.Frequency / 100_000; // 10 µs
    private static readonly TimeSpan s_roomPoll = TimeSpan.FromMilliseconds(1);
    private static readonly long s_memoryLook = Stopwatch.Frequency / 50;

    [ThreadStatic]
    private static KeptInTransit? t_unused; // almost no answer needs one

    private readonly object _gate = new();
    private readonly ShippingWriter _writer = new();
    private readonly Queue<UnreadAnswer> _unread = new(); // shared objects of answers that may not have been read
    private int _definitionsSent;
    private int _unrung;
    private long _largeSent; // gate to write
    private long _largeOpened; // main thread
    private long _unreadEnd; // gate to write: where the last record with shared objects ends
    private long _passed; // main thread: how far the executor has read, as far as is known
    private long _nextMemoryLook;

    /// <summary>Bytes of this process's own memory beyond which answers say so; 0 for no limit.</summary>
    public long MemoryLimit { get; set; }

    /// <summary>Gets every error that a task is answered with. None unless told.</summary>
    public Action<Exception>? Failed { get; set; }

    /// <summary>Answers with a result; with an error where the result cannot travel.</summary>
    public void WriteResult<T>(in TaskHeader task, long took, T result)
    {
        if (result is ItemsDone done)
        {
            WriteItems(task, took, done);
            return;
        }

        var answer = new AnswerHeader { Slot = task.Slot, Generation = task.Generation, Took = took };
        if ((task.Traits & TaskTraits.BringsResult) == TaskTraits.None)
        {
            Write(RecordTag.Answer, Judged(answer), default, took);
            return;
        }

        var tag = (task.Traits & TaskTraits.IsWarmUp) == TaskTraits.None ? RecordTag.Answer : RecordTag.WarmUp;

        try
        {
            WriteBody(tag, answer, result, took);
        }
        catch (Exception error)
        {
            WriteError(task.Ticket, took, error); // the task's own failure: its result stays here
        }
    }

    public void WriteError(ItemTicket ticket, long took, Exception error)
    {
        Failed?.Invoke(error);
        WriteException(RecordTag.Answer, ticket, took, error);
    }

    public void WriteInitialized(Exception? error)
    {
        if (error is null) Write(RecordTag.Initialized, new AnswerHeader(), default, long.MaxValue);
        else WriteException(RecordTag.Initialized, default, long.MaxValue, error);
    }

    public void WriteDetached(ItemTicket ticket, Exception error) => WriteException(RecordTag.Detached, ticket, long.MaxValue, error);

    public void WriteStarted(ItemTicket ticket) =>
        Write(RecordTag.Started, new TicketRecord(ticket.Generation, ticket.Slot, default), default, long.MaxValue);

    public void WriteBodyRead(ItemTicket ticket) =>
        Write(RecordTag.BodyRead, new TicketRecord(ticket.Generation, ticket.Slot, default), default, long.MaxValue);

    public void WriteOutput(ItemTicket ticket, string output) => Write(
        RecordTag.Output, new TicketRecord(ticket.Generation, ticket.Slot, default), MemoryMarshal.AsBytes(output.AsSpan()), took: 0);

    public void WriteProgress(ItemTicket ticket, TaskProgress progress)
    {
        var header = new ProgressHeader(ticket.Generation, progress.Fraction ?? double.NaN, ticket.Slot, progress.Message is null ? 0 : 1);
        Write(RecordTag.Progress, header, MemoryMarshal.AsBytes(progress.Message.AsSpan()), long.MaxValue);
    }

    /// <summary>Sends a message through a port.</summary>
    public void WriteLive(long port, object? message)
    {
        using var body = _writer.Prepare(message);
        lock (_gate)
        {
            SendDefinitions(body.DefinitionsNeeded);
            Reserve(RecordTag.Live, new LiveHeader(port, body.DefinitionsNeeded), body, []);
            Rung(long.MaxValue);
        }
    }

    /// <summary>Blocks until the executor has opened the shared objects that were answered: this process is about to end.</summary>
    public void AwaitReaders()
    {
        lock (_gate)
        {
            for (ReclaimUnderGate(); _unread.Count > 0; ReclaimUnderGate()) AwaitSpace();
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

        lock (_gate) ReclaimUnderGate();
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

    /// <summary>Lets the executor know of everything that was written.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            ReclaimUnderGate();
            if (_unrung == 0) return;
            _unrung = 0;
        }

        channel.ParentBell.Ring();
    }

    private void ReclaimUnderGate()
    {
        channel.LargeResults.Reclaim();
        if (_unread.Count == 0) return;
        long head = channel.Results.ReadHead();
        while (_unread.TryPeek(out var oldest) && oldest.End <= head) _unread.Dequeue().Kept.Dispose();
    }

    /// <summary>Holds the shared objects of the record that was just written. Under the gate.</summary>
    private void HoldUntilRead(KeptInTransit kept)
    {
        long end = channel.Results.Position;
        _unread.Enqueue(new UnreadAnswer(end, kept));
        Volatile.Write(ref _unreadEnd, end);
    }

    private void WriteException(RecordTag tag, ItemTicket ticket, long took, Exception error)
    {
        var answer = new AnswerHeader { Slot = ticket.Slot, Generation = ticket.Generation, Took = took, Traits = AnswerTraits.IsError };
        try
        {
            WriteBody(tag, answer, error, took);
        }
        catch (Exception unshippable)
        {
            WriteExceptionAsText(tag, answer, took, error, unshippable);
        }
    }

    private void WriteExceptionAsText(RecordTag tag, AnswerHeader answer, long took, Exception error, Exception unshippable)
    {
        try
        {
            WriteBody<Exception>(tag, answer, RemoteException.From(error, unshippable.Message), took);
        }
        catch (IOException shortage)
        {
            // The whole text needs memory that there is none of; its beginning has room in the ring.
            WriteBody<Exception>(tag, answer, RemoteException.Brief(error, shortage.Message), took);
        }
    }

    private void WriteBody<T>(RecordTag tag, AnswerHeader answer, T value, long took)
    {
        var kept = t_unused ?? new KeptInTransit();
        t_unused = null;
        try
        {
            using var body = _writer.PrepareContinued(value, kept, known: null);
            lock (_gate)
            {
                SendDefinitions(body.DefinitionsNeeded);
                var whole = Judged(answer) with { DefinitionsNeeded = body.DefinitionsNeeded, SharedObjects = kept.Count };
                Reserve(tag, whole, body, kept.Count == 0 ? [] : MemoryMarshal.AsBytes<SharedHandle>(kept.Handles.ToArray()));
                if (kept.Count > 0)
                {
                    HoldUntilRead(kept);
                    kept = null;
                }

                Rung(took);
            }
        }
        finally
        {
            kept?.Dispose();
            t_unused = kept;
        }
    }

    private void Write<THeader>(RecordTag tag, THeader header, ReadOnlySpan<byte> rest, long took)
        where THeader : unmanaged
    {
        var fixedPart = RecordHeaders.BytesOf(in header);
        lock (_gate)
        {
            int length = fixedPart.Length + rest.Length;
            if (length > channel.Results.LargestPayload)
            {
                byte[] whole = [.. fixedPart, .. rest];
                WriteLarge(tag, whole.Length, span => whole.CopyTo(span));
            }
            else
            {
                var place = AwaitRoom(length);
                fixedPart.CopyTo(place);
                rest.CopyTo(place[fixedPart.Length..]);
                channel.Results.Commit(length, (ushort)tag);
            }

            Rung(took);
        }
    }

    private unsafe void Reserve<THeader>(RecordTag tag, THeader header, ShippedBody body, ReadOnlySpan<byte> rest)
        where THeader : unmanaged
    {
        var fixedPart = RecordHeaders.BytesOf(in header);
        int length = checked(fixedPart.Length + body.Length + rest.Length);
        if (length <= channel.Results.LargestPayload)
        {
            var place = AwaitRoom(length);
            fixedPart.CopyTo(place);
            body.CopyTo(place[fixedPart.Length..]);
            rest.CopyTo(place[(length - rest.Length)..]);
            channel.Results.Commit(length, (ushort)tag);
            return;
        }

        var segment = channel.LargeResults.CreateSegment(length);
        try
        {
            var place = new Span<byte>(segment.Start, length);
            fixedPart.CopyTo(place);
            body.CopyTo(place[fixedPart.Length..]);
            rest.CopyTo(place[(length - rest.Length)..]);
            SendLarge(ref segment, tag);
        }
        finally
        {
            segment?.Dispose();
        }
    }

    private unsafe void WriteLarge(RecordTag tag, int length, Action<Span<byte>> fill)
    {
        var segment = channel.LargeResults.CreateSegment(length);
        try
        {
            fill(new Span<byte>(segment.Start, length));
            SendLarge(ref segment, tag);
        }
        finally
        {
            segment?.Dispose();
        }
    }

    private void SendLarge(ref SharedSegment? segment, RecordTag tag)
    {
        while (!channel.LargeResults.TryWrite(segment!, (ushort)tag)) AwaitSpace();
        segment = null; // the sender's
        Volatile.Write(ref _largeSent, _largeSent + 1);
    }

    private void SendDefinitions(int needed)
    {
        if (needed <= _definitionsSent) return;
        var block = new ArrayBufferWriter<byte>();
        _writer.WriteDefinitions(_definitionsSent, needed, block);
        if (block.WrittenCount > channel.Results.LargestPayload)
        {
            WriteLarge(RecordTag.Definitions, block.WrittenCount, span => block.WrittenSpan.CopyTo(span));
        }
        else
        {
            block.WrittenSpan.CopyTo(AwaitRoom(block.WrittenCount));
            channel.Results.Commit(block.WrittenCount, (ushort)RecordTag.Definitions);
        }

        Volatile.Write(ref _definitionsSent, needed);
    }

    private Span<byte> AwaitRoom(int length)
    {
        Span<byte> place;
        while (!channel.Results.TryReserve(length, out place)) AwaitSpace();
        return place;
    }

    // The executor does not ring back for this; it is busy reading, and a millisecond is a small part of a full ring.
    private void AwaitSpace()
    {
        channel.ParentBell.Ring();
        Monitor.Wait(_gate, s_roomPoll);
    }

    private void Rung(long took)
    {
        if (took < s_shortTask && ++_unrung < LargestSilentRun) return;
        _unrung = 0;
        channel.ParentBell.Ring();
    }

    private AnswerHeader Judged(AnswerHeader answer)
    {
        if (MemoryLimit == 0) return answer;
        long now = Stopwatch.GetTimestamp();
        if (now < Volatile.Read(ref _nextMemoryLook)) return answer;
        Volatile.Write(ref _nextMemoryLook, now + s_memoryLook);
        return OwnMemory.Bytes > MemoryLimit ? answer with { Traits = answer.Traits | AnswerTraits.IsOverMemory } : answer;
    }

    /// <summary>The shared objects of an answer, until the executor has passed the end of its record.</summary>
    private sealed record UnreadAnswer(long End, KeptInTransit Kept);
}
