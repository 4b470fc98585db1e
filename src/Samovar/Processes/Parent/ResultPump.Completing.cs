using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Processes.Platform;
using Samovar.Serialization.Plans;

namespace Samovar.Processes.Parent;

/// <content>Settles finished tasks with the dispatcher, and completes their futures.</content>
internal sealed partial class ResultPump
{
    /// <summary>Drain: completes a task that died with its worker.</summary>
    public void CompleteCrashed(WorkerHandle worker, SerializedTask task, ProcessExit exit, ItemJournalCopy? journal, IReadOnlyList<WorkerTaskRecord> lastTasks)
    {
        var future = task.Future;
        int attempt = task.Attempt;
        task.Elapsed = 0;
        _output.Keep(worker, task, hasDied: true);
        void End()
        {
            try
            {
                EndCrashed();
            }
            catch (Exception fault)
            {
                // The data that the worker left behind cannot be used. Only this task fails.
                future.EndWithError(attempt, fault);
            }

            ForgetInterrupt();
        }

        void EndCrashed()
        {
            // A shutdown that kills may kill the worker before a task that was sent at that moment could be requested to stop.
            bool isKilling = _pool.IsKilling;
            bool isCanceled = (future.IsCancelRequested || isKilling) && !future.IsTimeoutRequested;
            var error = WorkerCrashedException.Create(future, attempt, journal?.Begun - 1, worker.Identity.Name, worker.Process, exit, worker.KillReason, lastTasks);
            if (journal is { } reached && !isKilling && future.EndAfterDeath(attempt, ResultReader.OfJournal(worker.Reader, reached, task.Parts), reached.Begun, error)) return;
            if (isCanceled) future.EndAsCanceled(attempt);
            else future.EndWithError(attempt, _pool.Actor is { } actor ? actor.ErrorOfRunningCall(error) : error);
        }

        if (task.Callbacks is { IsEmpty: false } || future.Options.Retry is { RetryOn: not null }) (task.Callbacks ??= new()).Add(End);
        else End();
    }

    /// <summary>Frees the slots of the results that were read, and sends more tasks.</summary>
    private void SettleResults(WorkerHandle worker)
    {
        if (worker.FinishedTickets.Count == 0) return;
        var wakeups = default(PendingWakeups);
        EnterGate();
        try
        {
            _dispatcher.SettleResultsLocked(worker, ref wakeups);
        }
        finally
        {
            _gate.Exit();
        }

        worker.FinishedTickets.Clear();
        worker.FinishedElapsed = 0;
        wakeups.Ring();
        FailRefused();
    }

    private void FailRefused()
    {
        SerializedTask[] refused;
        EnterGate();
        try
        {
            refused = _dispatcher.TakeRefusedLocked();
        }
        finally
        {
            _gate.Exit();
        }

        foreach (var task in refused) Dispatcher.FailIfRefused(task);
    }

    private unsafe void Complete(WorkerHandle worker, FinishedTask ended)
    {
        var task = ended.Task;
        int attempt = task.Attempt;

        try
        {
            // Messages that the work reported before its end are delivered before it completes; a retry policy of the user runs on the thread pool.
            if (task.Callbacks is { IsEmpty: false } || (ended.IsError && task.Future.Options.Retry is { RetryOn: not null }))
            {
                var copy = ResultReader.Copy(worker.Reader, new ReadOnlySpan<byte>((byte*)ended.Start, ended.WholeLength), ended.SharedObjects, ended.Elapsed);
                copy.Earlier = task.Parts;
                CompleteInOrder(task, attempt, copy, ended.IsError);
            }
            else
            {
                var result = _result.At(worker.Reader, (byte*)ended.Start, ended.Length, ended.Elapsed);
                result.Earlier = task.Parts;
                Complete(task.Future, attempt, result, ended.IsError);
            }
        }
        catch (Exception error)
        {
            // For example, a shared object in the result is gone with its worker. Only this task fails.
            task.Future.EndWithError(attempt, error);
        }
    }

    /// <summary>Completes a task after its callbacks. A method of its own, so that other tasks pay for no closure.</summary>
    private void CompleteInOrder(SerializedTask task, int attempt, ResultReader result, bool isError) =>
        (task.Callbacks ??= new()).Add(() => Complete(task.Future, attempt, result, isError));

    private void Complete(Future future, int attempt, ResultReader result, bool isError)
    {
        try
        {
            if (isError) future.EndWithError(attempt, result.Read<Exception>(_pool.Meter));
            else future.Complete(attempt, result);
        }
        catch (Exception error)
        {
            // The result cannot be read. Only this task fails.
            future.EndWithError(attempt, error);
        }

        ForgetInterrupt();
    }

    private Exception ReadError(WorkerHandle worker, ReadOnlySpan<byte> body)
    {
        try
        {
            return worker.Reader.Read<Exception>(body, InFlightHandles.None);
        }
        catch (Exception error)
        {
            return error; // in place of the error that could not be read
        }
        finally
        {
            ForgetInterrupt();
        }
    }

    /// <summary>A codec may have interrupted the thread on which it read. The draining thread consumes such an interrupt here, where it does no
    /// harm, and not at its next wait for a lock.</summary>
    private void ForgetInterrupt()
    {
        if (!CodecBytes.TakeHasRead() || Thread.CurrentThread != _thread) return;
        try
        {
            Thread.CurrentThread.Join(0);
        }
        catch (ThreadInterruptedException)
        {
            // The interrupt is discarded: a codec must not stop the draining thread.
        }
    }

    /// <summary>A result that no other thread knows of yet.</summary>
    private readonly record struct FinishedTask(SerializedTask Task, nint Start, int Length, int SharedObjects, long Elapsed, bool IsError)
    {
        public int WholeLength => Length + (SharedObjects * SharedHandle.Size);
    }
}
