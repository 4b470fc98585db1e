using System.Diagnostics;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Threads.Scheduling;

/// <summary>The threads of a thread executor: started when there is work, parked when the queue is empty, and stopped after a long idle time and
/// at shutdown.</summary>
/// <remarks>
/// <list type="number">
/// <item>Everything is guarded by the scheduler's gate: the <c>…Locked</c> members require it, the others take it.</item>
/// <item>A worker is parked, or holds a slot, or waits for one; see <see cref="ThreadSlots"/>.</item>
/// </list>
/// </remarks>
/// <param name="scheduler">The scheduler whose tasks the threads run.</param>
/// <param name="gate">The scheduler's gate.</param>
/// <param name="options">The stack size, the priority, and the idle timeout.</param>
internal sealed class ThreadSupervisor(ThreadScheduler scheduler, Lock gate, ThreadExecutorOptions options)
{
    private readonly ExitResults? _exits = scheduler.ExitResults = ExitResults.For(scheduler, options.ExitHook, options.ExitTimeout);
    private readonly List<WorkerThread> _parked = []; // the last to park is the first to be woken: its caches are warm
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _idleTimer;
    private int _started;
    private bool _isStopping;

    /// <summary>Completes when the executor is stopping and all workers have exited, except the abandoned ones.</summary>
    public Task Stopped => _stopped.Task;

    /// <summary>All workers that have been started and have not exited.</summary>
    public List<WorkerThread> WorkersLocked { get; } = [];

    public int ParkedLocked => _parked.Count;

    public bool IsStoppingLocked => _isStopping;

    /// <summary>Creates one more worker, which has no thread before <see cref="TryStartLocked"/>.</summary>
    public WorkerThread MakeLocked() => new(scheduler, ++_started, options) { IsInitializing = options.Initializer is not null };

    /// <summary>Starts a worker's thread. Returns false if the system cannot create another thread.</summary>
    public bool TryStartLocked(WorkerThread worker, out OutOfMemoryException? error)
    {
        try
        {
            worker.Start();
            WorkersLocked.Add(worker);
            error = null;
            return true;
        }
        catch (OutOfMemoryException none)
        {
            // Existing workers will run the task eventually, so only speed is lost; without any, the scheduler fails the queued
            // tasks.
            worker.Life.Exited();
            error = none;
            return false;
        }
    }

    /// <summary>Takes the worker that was parked last; null if no worker is parked.</summary>
    public WorkerThread? TakeParkedLocked()
    {
        if (_parked.Count == 0) return null;
        var parked = _parked[^1];
        _parked.RemoveAt(_parked.Count - 1);
        return parked;
    }

    /// <summary>Parks a worker, which holds no slot. During shutdown the worker exits instead.</summary>
    public void ParkLocked(WorkerThread worker)
    {
        if (_isStopping || worker.IsLeftBehind)
        {
            worker.MustEnd = true;
            worker.Call();
            return;
        }

        worker.IdleSince = scheduler.Time.GetTimestamp();
        _parked.Add(worker);
        if (_parked.Count == 1) ArmIdleTimerLocked();
    }

    /// <summary>Runs the exit hook on the thread of a worker, and disposes the objects that it has for its tasks.</summary>
    public void Leave(WorkerThread worker)
    {
        var identity = worker.Runner!.Worker;
        if (_exits is not null && !worker.IsInitializing) // written by this thread
        {
            if (worker.IsLeftBehind) _exits.AddLost(identity, "its work was abandoned, because it ignored its token for longer than the grace period.", cause: null);
            else _exits.Run(identity, () => AbandonHook(worker));
        }

        WorkerStates.Dispose(identity, scheduler);
    }

    /// <summary>Called when the worker's thread exits.</summary>
    /// <returns>Whether it was the last one that shutdown waits for: then <see cref="SignalStopped"/> must be called.</returns>
    public bool EndedLocked(WorkerThread worker)
    {
        WorkersLocked.Remove(worker);
        return IsStoppedLocked;
    }

    /// <summary>Whether the executor is stopping and all workers have exited or were abandoned.</summary>
    public bool IsStoppedLocked => _isStopping && WorkersLocked.TrueForAll(static worker => worker.IsLeftBehind);

    public void SignalStopped()
    {
        if (_exits is not null)
        {
            WorkerIdentity[] left;
            lock (gate) left = [.. WorkersLocked.Where(static worker => !worker.IsInitializing).Select(static worker => worker.Runner!.Worker)];
            _exits.Close(left);
        }

        _stopped.TrySetResult();
    }

    /// <summary>Stops all workers. Parked ones are woken, the others exit when they find no work.</summary>
    public void Stop()
    {
        List<WorkerThread> parked;
        bool isStopped;
        lock (gate)
        {
            _isStopping = true;
            parked = [.. _parked];
            _parked.Clear();
            foreach (var worker in parked) worker.MustEnd = true;
            _idleTimer?.Dispose();
            isStopped = IsStoppedLocked;
            CheckInvariantsLocked();
        }

        foreach (var worker in parked) worker.Call();
        if (isStopped) SignalStopped();
    }

    [Conditional("DEBUG")]
    public void CheckInvariantsLocked()
    {
        Debug.Assert(_parked.Count <= WorkersLocked.Count, "a parked worker has not exited");
        foreach (var worker in _parked)
        {
            Debug.Assert(!worker.HoldsSlot, "a parked worker holds no slot");
            Debug.Assert(!worker.MustEnd, "a worker that must exit is removed from the parked ones and woken");
        }

        Debug.Assert(!_isStopping || _parked.Count == 0, "no worker stays parked during shutdown");
    }

    /// <summary>Stops waiting for a worker whose exit hook does not return. It holds no slot.</summary>
    private void AbandonHook(WorkerThread worker)
    {
        bool isLast;
        lock (gate)
        {
            worker.IsLeftBehind = true;
            isLast = IsStoppedLocked;
        }

        if (isLast) SignalStopped();
    }

    private void ArmIdleTimerLocked()
    {
        if (options.IdleTimeout == Timeout.InfiniteTimeSpan) return;
        _idleTimer ??= scheduler.Time.CreateTimerWithoutFlow(static threads => ((ThreadSupervisor)threads!).EndIdle(), this);
        _idleTimer.Change(options.IdleTimeout, Timeout.InfiniteTimeSpan);
    }

    private void EndIdle()
    {
        List<WorkerThread> ended = [];
        lock (gate)
        {
            if (_isStopping) return;
            long now = scheduler.Time.GetTimestamp();
            while (_parked.Count > 0 && scheduler.Time.GetElapsedTime(_parked[0].IdleSince, now) >= options.IdleTimeout)
            {
                _parked[0].MustEnd = true;
                ended.Add(_parked[0]);
                _parked.RemoveAt(0);
            }

            if (_parked.Count > 0)
            {
                var left = options.IdleTimeout - scheduler.Time.GetElapsedTime(_parked[0].IdleSince, now);
                _idleTimer!.Change(TimeoutArguments.ToNextCall(left), Timeout.InfiniteTimeSpan);
            }

            CheckInvariantsLocked();
        }

        foreach (var worker in ended) worker.Call();
    }
}
