using System.Diagnostics;
using Samovar.Ipc;
using Samovar.Serialization.Plans;

namespace Samovar.Processes;

/// <content>What workers answer: taken in one go, settled, then completed. Whoever does it has the turn.</content>
internal sealed partial class ProcessHost
{
    private unsafe void TakeAnswer(WorkerLink link, in AnswerHeader answer, ReadOnlySpan<byte> body)
    {
        if (Begun(link, answer.Ticket) is not { } shipment)
            throw new ChannelCorruptedException($"A worker answered a task in slot {answer.Slot}, generation {answer.Generation}, which it was not given.");

        var result = ResultReader.Split(body, answer.SharedObjects); // before anything is changed: it refuses nonsense

        // First: nobody is to find it sent, and in no slot.
        shipment.Future.TryStartSent(link.Identity, shipment.Attempt, BeganAt(link, shipment), hasEnded: true);
        CaptureOutput(link, shipment, hasDied: false);
        link.SetSent(answer.Slot, null);
        link.Answered.Add(answer.Ticket);
        link.AnsweredTook += answer.Took;
        shipment.Took = answer.Took;
        if ((answer.Traits & AnswerTraits.IsOverMemory) != AnswerTraits.None)
        {
            EnterGate();
            RetireUnderGate(link);
            _gate.Exit();
        }

        fixed (byte* start = body)
        {
            // It stays where it is until the turn is over: in the ring, or in an open segment.
            _ended.Add(new EndedTask(
                shipment, (nint)start, result.Length, answer.SharedObjects, answer.Took, (answer.Traits & AnswerTraits.IsError) != AnswerTraits.None));
        }
    }

    private unsafe void Complete(WorkerLink link, EndedTask ended)
    {
        var shipment = ended.Shipment;
        int attempt = shipment.Attempt;

        try
        {
            // What the work reported before its end is handed on before its end; a policy of the user's runs on the pool.
            if (shipment.Calls is { IsEmpty: false } || (ended.IsError && shipment.Future.Options.Retry is { RetryOn: not null }))
            {
                var copy = ResultReader.Copy(link.Reader, new ReadOnlySpan<byte>((byte*)ended.Start, ended.WholeLength), ended.SharedObjects, ended.Took);
                copy.Earlier = shipment.Parts;
                (shipment.Calls ??= new()).Add(() => Complete(shipment.Future, attempt, copy, ended.IsError));
            }
            else
            {
                var result = _result.At(link.Reader, (byte*)ended.Start, ended.Length, ended.Took);
                result.Earlier = shipment.Parts;
                Complete(shipment.Future, attempt, result, ended.IsError);
            }
        }
        catch (Exception error)
        {
            // Such as a shared object in it that is gone with its worker: the task's own failure, and no other's.
            shipment.Future.EndWithError(attempt, error);
        }
    }

    /// <summary>As long after its start as the worker says; it may say anything, so no later than now. What crashed ended when that was
    /// noticed.</summary>
    public override long EndOf(Future future, long now)
    {
        if (future.HostItem is not Shipment { Took: > 0 } shipment) return now;
        double took = (double)shipment.Took * Time.TimestampFrequency / Stopwatch.Frequency;
        long began = future.StartedTimestamp;
        return took < now - began ? began + (long)took : now;
    }

    /// <summary>When a task that has begun did so, by the executor's clock: as long ago as the worker says, and not before it was
    /// submitted, since it may say anything, and another clock may run differently.</summary>
    private long BeganAt(WorkerLink link, Shipment shipment)
    {
        long began = link.Channel.Slots.StartOf(shipment.Ticket);
        long now = Time.GetTimestamp();
        if (Time != TimeProvider.System)
        {
            double ago = Stopwatch.GetTimestamp() - began;
            began = now - (long)Math.Clamp(ago * Time.TimestampFrequency / Stopwatch.Frequency, 0, long.MaxValue / 4);
        }

        return Math.Clamp(began, shipment.Future.SubmittedTimestamp, Math.Max(now, shipment.Future.SubmittedTimestamp));
    }

    private void Complete(Future future, int attempt, ResultReader result, bool isError)
    {
        try
        {
            if (isError) future.EndWithError(attempt, result.Read<Exception>());
            else future.Complete(attempt, result);
        }
        catch (Exception error)
        {
            // What came cannot be read: the task's own failure.
            future.EndWithError(attempt, error);
        }

        ForgetInterrupt();
    }

    /// <summary>A codec may have interrupted the thread it read on. The draining thread takes that here, where it harms nobody, and not where
    /// it next waits for a lock.</summary>
    private void ForgetInterrupt()
    {
        if (!CodecBytes.TakeHasRead() || Thread.CurrentThread != _thread) return;
        try
        {
            Thread.CurrentThread.Join(0);
        }
        catch (ThreadInterruptedException)
        {
            // Meant for a thread that is not the codec's to end.
        }
    }

    private Exception ReadError(WorkerLink link, ReadOnlySpan<byte> body)
    {
        try
        {
            return link.Reader.Read<Exception>(body, KeptInTransit.None);
        }
        catch (Exception error)
        {
            return error; // it stands for the one that could not be read
        }
        finally
        {
            ForgetInterrupt();
        }
    }

    /// <summary>Gives the slots of what was answered back, and sends more.</summary>
    private void SettleAnswered(WorkerLink link)
    {
        int count = link.Answered.Count;
        if (count == 0) return;
        var ringing = default(Ringing);
        EnterGate();
        try
        {
            foreach (var ticket in link.Answered) link.Channel.Slots.Free(ticket);
            link.Out -= count;
            link.LastAnswer = Stopwatch.GetTimestamp();
            _window.Learn(count, link.AnsweredTook, link.Channel.Slots.FreeCount + link.Out);
            Volatile.Write(ref _windowSize, _window.Size);
            if (link.Out == 0) IdleUnderGate(link);
            ReclaimUnderGate(link);
            SendQueuedUnderGate(link, ref ringing);
        }
        finally
        {
            _gate.Exit();
        }

        link.Answered.Clear();
        link.AnsweredTook = 0;
        ringing.Ring();
        FailRefused();
    }

    /// <summary>Closes what the worker has read. A position that it has overwritten costs the worker, not the answers of this turn.</summary>
    private static void ReclaimUnderGate(WorkerLink link)
    {
        try
        {
            link.Channel.LargeWork.Reclaim();
        }
        catch (ChannelCorruptedException error)
        {
            link.Distrust(error.Message); // it is killed when this turn is over
        }
    }

    private void FailRefused()
    {
        List<Shipment> refused;
        EnterGate();
        try
        {
            if (_refused.Count == 0) return;
            refused = [.. _refused];
            _refused.Clear();
        }
        finally
        {
            _gate.Exit();
        }

        foreach (var shipment in refused) FailRefused(shipment);
    }

    /// <summary>An answer, before anybody is told of it.</summary>
    private readonly record struct EndedTask(Shipment Shipment, nint Start, int Length, int SharedObjects, long Took, bool IsError)
    {
        public int WholeLength => Length + (SharedObjects * SharedHandle.Size);
    }
}
