using System.Runtime.CompilerServices;

namespace Samovar;

/// <content>Tasks that wait for tasks of their own executor: they help, or lend their slot.</content>
internal sealed partial class ThreadHost
{
    /// <summary>How often blocked workers are looked for while tasks wait for their own executor in ways it cannot see.</summary>
    private static readonly TimeSpan s_stallCheckInterval = TimeSpan.FromMilliseconds(50);

    private ITimer? _stallTimer;
    private bool _stallTimerRuns;

    public override bool WaitInsideTask(Future future, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (WorkerThread.Current is not { } worker || !ReferenceEquals(worker.Host, this))
        {
            // A continuation that left its worker: the worker itself is idle, and lends its slot when it hears of the wait.
            using var wait = OwnWait.Begin(this);
            return future.BlockUntilCompleted(timeout, cancellationToken);
        }

        try
        {
            if (MayHelp(future, timeout, cancellationToken) && TryTakeOut(worker, future) && worker.TryRun(future) && future.IsCompleted)
                return true;
            LendSlot(worker);
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
            ArmStallTimerUnderGate();
            foreach (var worker in _workers) pump ??= worker.RunnerOf(outer, attempt: null)?.Pump;
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

    /// <summary>Helping runs to its end, whatever the wait's own end; the task's time limit would be powerless; and it takes
    /// stack, so that it is not for deep chains.</summary>
    private static bool MayHelp(Future future, TimeSpan timeout, CancellationToken cancellationToken) =>
        timeout == Timeout.InfiniteTimeSpan && !cancellationToken.CanBeCanceled && future.Options.Timeout is null
        && RuntimeHelpers.TryEnsureSufficientExecutionStack();

    /// <summary>Removes a waiting task from the queue, for the caller to run.</summary>
    private bool TryTakeOut(WorkerThread worker, Future future)
    {
        lock (_gate)
        {
            SortInboxUnderGate();
            if (!_lanes.Remove(future)) return false;
            worker.Taken = future;
        }

        _room?.GiveBack();
        return true;
    }

    /// <summary>Work can wait in ways that leave no trace here, such as <c>AsTask().Wait()</c>. As long as a task has own waits
    /// open, its thread is looked at: if it is blocked and holds a slot, that is given to another.</summary>
    private void ArmStallTimerUnderGate()
    {
        if (_stallTimerRuns || _isStopping) return;
        _stallTimerRuns = true;
        _stallTimer ??= Time.CreateUnflowedTimer(static host => ((ThreadHost)host!).CheckForStall(), this);
        _stallTimer.Change(s_stallCheckInterval, s_stallCheckInterval);
    }

    private void CheckForStall()
    {
        bool anyOpen = false;
        lock (_gate)
        {
            foreach (var worker in _workers)
            {
                if (worker.Runner?.Current is not { HasOwnWaits: true }) continue;
                anyOpen = true;
                if (HasWork && worker is { HoldsSlot: true, IsBlocked: true }) ReleaseUnderGate(worker);
            }

            if (!anyOpen)
            {
                _stallTimerRuns = false;
                _stallTimer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }

        CallWorkers();
    }
}
