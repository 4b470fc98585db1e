using System.Diagnostics;
using System.Runtime.CompilerServices;
using Samovar.Primitives;
using Samovar.Tasks.Completions;
using Samovar.Tasks.Core;
using Samovar.Tasks.Running;

namespace Samovar.Threads.Scheduling;

/// <summary>Handles workers whose task waits for a task of their own executor: they run that task themselves, or lend their slot to another
/// worker while they wait.</summary>
/// <remarks>The timer's fields, and slots, are guarded by the scheduler's gate: the <c>…Locked</c> methods require it, the others take
/// it.</remarks>
/// <param name="scheduler">The scheduler.</param>
/// <param name="gate">The scheduler's gate.</param>
/// <param name="slots">The scheduler's slots.</param>
/// <param name="threads">The scheduler's workers.</param>
internal sealed class BlockedWorkers(ThreadScheduler scheduler, Lock gate, ThreadSlots slots, ThreadSupervisor threads) : NestedWaits
{
    /// <summary>The interval of the search for blocked workers while tasks wait for their own executor in ways that it cannot
    /// see.</summary>
    private static readonly TimeSpan s_stallCheckInterval = TimeSpan.FromMilliseconds(50);

    private ITimer? _stallTimer;
    private bool _stallTimerRuns;

    public override bool Wait(Future future, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (WorkerThread.Current is not { } worker || !ReferenceEquals(worker.Scheduler, scheduler))
        {
            // A continuation that left its worker: the worker itself is idle, and lends its slot when it is notified of the wait.
            using var wait = NestedWait.Begin(scheduler);
            return future.BlockUntilCompleted(timeout, cancellationToken);
        }

        try
        {
            if (MayRunInline(future, timeout, cancellationToken) && scheduler.TryTakeOut(worker, future) && worker.TryRun(future) && future.IsCompleted)
                return true;
            Lend(worker);
            return future.BlockUntilCompleted(timeout, cancellationToken);
        }
        finally
        {
            TakeBack(worker);
        }
    }

    public override void Began(Future outer)
    {
        TaskPump? pump = null;
        lock (gate)
        {
            ArmStallTimerLocked();
            foreach (var worker in threads.WorkersLocked) pump ??= worker.RunnerOf(outer, attempt: null)?.Pump;
        }

        pump?.Nudge();
    }

    /// <summary>Blocks the worker of an asynchronous task while none of the task's continuations is ready to run.</summary>
    public void IdleInPump(TaskPump pump)
    {
        if (!pump.Task.HasNestedWaits || WorkerThread.Current is not { } worker)
        {
            pump.WaitForWork();
            return;
        }

        Lend(worker);
        try
        {
            pump.WaitForWork();
        }
        finally
        {
            TakeBack(worker);
        }
    }

    /// <summary>Called when the executor stops: no task is left that could wait.</summary>
    public void Stop()
    {
        lock (gate)
        {
            CheckInvariantsLocked();
            _stallTimer?.Dispose();
        }
    }

    /// <summary>Whether the wait may run the task on this thread. The task would run to completion, whatever the limit of the wait; its own
    /// timeout could not abandon it; and it uses stack, so deep chains are excluded.</summary>
    private static bool MayRunInline(Future future, TimeSpan timeout, CancellationToken cancellationToken) =>
        timeout == Timeout.InfiniteTimeSpan && !cancellationToken.CanBeCanceled && future.Options.Timeout is null
        && RuntimeHelpers.TryEnsureSufficientExecutionStack();

    /// <summary>Lends the slot of a worker that waits for a task of this executor.</summary>
    private void Lend(WorkerThread worker)
    {
        lock (gate) slots.ReleaseLocked(worker);
        scheduler.CallWorkers();
    }

    /// <summary>Reclaims the slot of a worker; blocks until one is free.</summary>
    private void TakeBack(WorkerThread worker)
    {
        lock (gate)
        {
            if (slots.TryReturnLocked(worker)) return;
        }

        worker.AwaitCall();
    }

    /// <summary>Starts the timer for waits that leave no trace here, such as <c>AsTask().Wait()</c>. As long as a task has nested waits,
    /// its thread is checked: if it is blocked and holds a slot, the slot is given to another worker.</summary>
    private void ArmStallTimerLocked()
    {
        CheckInvariantsLocked();
        if (_stallTimerRuns || threads.IsStoppingLocked) return;
        _stallTimerRuns = true;
        _stallTimer ??= scheduler.Time.CreateTimerWithoutFlow(static blocked => ((BlockedWorkers)blocked!).CheckForStall(), this);
        _stallTimer.Change(s_stallCheckInterval, s_stallCheckInterval);
    }

    private void CheckForStall()
    {
        bool anyOpen = false;
        lock (gate)
        {
            foreach (var worker in threads.WorkersLocked)
            {
                if (worker.Runner?.Current is not { HasNestedWaits: true }) continue;
                anyOpen = true;
                if (scheduler.HasWork && worker is { HoldsSlot: true, IsBlocked: true }) slots.ReleaseLocked(worker);
            }

            if (!anyOpen)
            {
                _stallTimerRuns = false;
                _stallTimer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }

            CheckInvariantsLocked();
        }

        scheduler.CallWorkers();
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked() =>
        Debug.Assert(!_stallTimerRuns || _stallTimer is not null, "a running timer exists");
}
