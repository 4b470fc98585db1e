using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Processes.Platform;
using Samovar.Serialization.Plans;

namespace Samovar.Processes.Parent;

/// <content>What has ended is settled with the dispatcher, and the futures are completed.</content>
internal sealed partial class ResultPump
{
    /// <summary>Drain: completes a task that has died with its worker.</summary>
    public void CompleteCrashed(WorkerLink link, Shipment shipment, ProcessExit exit, ItemJournalCopy? journal)
    {
        var future = shipment.Future;
        int attempt = shipment.Attempt;
        shipment.Took = 0;
        _output.Keep(link, shipment, hasDied: true);
        void End()
        {
            try
            {
                EndCrashed();
            }
            catch (Exception fault)
            {
                // What the worker left behind cannot be used: the task's own failure, and no other's.
                future.EndWithError(attempt, fault);
            }

            ForgetInterrupt();
        }

        void EndCrashed()
        {
            // A shutdown that kills may do so before a task that was sent this moment could be asked to stop.
            bool isKilling = _pool.IsKilling;
            bool isCanceled = (future.IsCancelRequested || isKilling) && !future.IsTimeoutRequested;
            var error = WorkerCrashedException.Create(future, attempt, journal?.Begun - 1, link.Identity.Name, link.Process, exit, link.Verdict);
            if (journal is { } reached && !isKilling && future.EndAfterDeath(attempt, ResultReader.OfJournal(link.Reader, reached, shipment.Parts), reached.Begun, error)) return;
            if (isCanceled) future.EndAsCanceled(attempt);
            else future.EndWithError(attempt, error);
        }

        if (shipment.Calls is { IsEmpty: false } || future.Options.Retry is { RetryOn: not null }) (shipment.Calls ??= new()).Add(End);
        else End();
    }

    /// <summary>Has the slots of what was read given back, and more sent.</summary>
    private void SettleResults(WorkerLink link)
    {
        if (link.Answered.Count == 0) return;
        var ringing = default(Ringing);
        EnterGate();
        try
        {
            _dispatcher.SettleResultsLocked(link, ref ringing);
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

    private void FailRefused()
    {
        Shipment[] refused;
        EnterGate();
        try
        {
            refused = _dispatcher.TakeRefusedLocked();
        }
        finally
        {
            _gate.Exit();
        }

        foreach (var shipment in refused) Dispatcher.FailIfRefused(shipment);
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

    private Exception ReadError(WorkerLink link, ReadOnlySpan<byte> body)
    {
        try
        {
            return link.Reader.Read<Exception>(body, KeptInTransit.None);
        }
        catch (Exception error)
        {
            return error; // in the place of the one that could not be read
        }
        finally
        {
            ForgetInterrupt();
        }
    }

    /// <summary>A codec may have interrupted the thread it read on. The draining thread takes that here, where it harms nothing, and not where
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

    /// <summary>A result, before any other thread learns of it.</summary>
    private readonly record struct EndedTask(Shipment Shipment, nint Start, int Length, int SharedObjects, long Took, bool IsError)
    {
        public int WholeLength => Length + (SharedObjects * SharedHandle.Size);
    }
}
