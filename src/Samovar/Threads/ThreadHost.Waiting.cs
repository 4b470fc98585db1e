using System.Runtime.CompilerServices;

namespace Samovar;

/// <content>Tasks that wait for tasks of their own executor: they help, or lend their slot.</content>
internal sealed partial class ThreadHost
{
    /// <summary>How often blocked workers are looked for while tasks wait for their own executor in ways it cannot see.</summary>
    private static readonly TimeSpan s_stallCheckInterval = TimeSpan.FromMilliseconds(50);

    private int _returningCount;
    private ITimer? _stallTimer;
    private bool _stallTimerRuns;

    public override bool WaitInsideTask(Future future, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (WorkerThread.Current is not { } worker || !ReferenceEquals(worker.Host, this))
        {
            // A continuation that left its worker: the worker itself is idle, and lends its slot when it hears of the wait.
            future.NoteOwnWait();
            return future.BlockUntilCompleted(timeout, cancellationToken);
        }

        // Helping cannot be interrupted, so it is not for waits with an end; and it takes stack, so it is not for deep chains.
        bool mayHelp = timeout == Timeout.InfiniteTimeSpan && !cancellationToken.CanBeCanceled
            && RuntimeHelpers.TryEnsureSufficientExecutionStack();
        if (mayHelp && TryTakeOut(future) && worker.TryRun(future) && future.IsCompleted) return true;

        LendSlot(worker);
        try
        {
            return future.BlockUntilCompleted(timeout, cancellationToken);
        }
        finally
        {
            ReturnSlot(worker);
        }
    }

    public override void OwnWaitBegan(Future outer)
    {
        TaskPump? pump = null;
        lock (_gate)
        {
            if (outer.IsAsynchronous) pump = WorkerOfUnderGate(outer)?.RunnerOf(outer)?.Pump;
            else ArmStallTimerUnderGate();
        }

        pump?.Nudge();
    }

    /// <summary>Blocks an asynchronous task's worker while nothing of the task is ready to run.</summary>
    public void IdleInPump(TaskPump pump)
    {
        if (!pump.Task.HasOwnWaits || WorkerThread.Current is not { } worker)
        {
            pump.WaitForWork();
            return;
        }

        LendSlot(worker);
        try
        {
            pump.WaitForWork();
        }
        finally
        {
            ReturnSlot(worker);
        }
    }

    /// <summary>Removes a waiting task from the queue, for the caller to run.</summary>
    private bool TryTakeOut(Future future)
    {
        bool taken;
        lock (_gate)
        {
            SortInboxUnderGate();
            taken = _lanes.Remove(future);
        }

        if (taken) _room?.GiveBack();
        return taken;
    }

    private void LendSlot(WorkerThread worker)
    {
        lock (_gate)
        {
            worker.IsSlotLent = true;
            if (worker.IsSlotTaken) worker.IsSlotTaken = false;
            else if (!worker.IsLeftBehind) Activate(-1);
        }

        CallWorkers();
    }

    /// <summary>Gets a slot back; blocks until one is free.</summary>
    private void ReturnSlot(WorkerThread worker)
    {
        lock (_gate)
        {
            if (worker.IsLeftBehind) return; // another has taken its place for good
            if (_active < _slots)
            {
                worker.IsSlotLent = false;
                Activate(+1);
                return;
            }

            _returning.Enqueue(worker);
            Volatile.Write(ref _returningCount, _returning.Count);
        }

        worker.AwaitCall();
    }

    /// <summary>Synchronous work can wait in ways that leave no trace here, such as <c>AsTask().Wait()</c>. As long as such a
    /// task has own waits open, its thread is looked at: if it is blocked, its slot is given to another.</summary>
    private void ArmStallTimerUnderGate()
    {
        if (_stallTimerRuns || _isStopping) return;
        _stallTimerRuns = true;
        if (_stallTimer is null)
        {
            // The timer outlives the task that happens to be the first: it must not keep that one's execution context.
            var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
            using (flow)
            {
                _stallTimer = Time.CreateTimer(
                    static host => ((ThreadHost)host!).CheckForStall(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }

        _stallTimer.Change(s_stallCheckInterval, s_stallCheckInterval);
    }

    private void CheckForStall()
    {
        bool anyOpen = false;
        lock (_gate)
        {
            foreach (var worker in _workers)
            {
                if (worker.IsSlotTaken || worker.Runner?.Current is not { IsAsynchronous: false, HasOwnWaits: true }) continue;
                anyOpen = true;
                if (!HasWork || !worker.IsBlocked || worker.IsLeftBehind || _returning.Contains(worker)) continue;
                worker.IsSlotTaken = true;
                Activate(-1);
            }

            if (!anyOpen)
            {
                _stallTimerRuns = false;
                _stallTimer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }

        CallWorkers();
    }

    private WorkerThread? WorkerOfUnderGate(Future task)
    {
        foreach (var worker in _workers)
        {
            if (worker.RunnerOf(task) is not null) return worker;
        }

        return null;
    }
}
