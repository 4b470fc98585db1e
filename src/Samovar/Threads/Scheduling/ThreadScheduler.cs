using System.Diagnostics;
using Samovar.Diagnostics.Inspection;
using Samovar.Primitives;
using Samovar.Tasks.Core;
using Samovar.Tasks.Running;

namespace Samovar.Threads.Scheduling;

/// <summary>The core of a <see cref="ThreadExecutor"/>: assigns queued tasks and slots to workers.</summary>
/// <remarks>
/// <list type="number">
/// <item>A <em>slot</em> is the right to run a task; there are <see cref="Workers"/> of them. A worker is <em>active</em> while it holds
/// one: it runs a task or searches for one. Parked workers, and workers that wait for a task of this executor, hold no slot.</item>
/// <item>Submitters push to the queue, and a worker takes from its own batch, without a lock. Everything else changes under the gate, which the
/// <see cref="ThreadTaskQueue"/>, the <see cref="ThreadSlots"/>, the <see cref="ThreadSupervisor"/> and the <see cref="BlockedWorkers"/>
/// share: one decision often involves several of them.</item>
/// <item>No worker is woken while another searches: a searcher that finds a task wakes the next worker if there are more. So a burst of
/// tasks does not cost one wake-up each.</item>
/// <item>No task is missed: a submitter pushes and then reads the free slots; a worker releases its slot and then reads the queue. Both
/// steps are separated by full fences, so at least one of the two sees the other.</item>
/// <item>User code never runs under the gate. (The clock and its timers do: a <see cref="TimeProvider"/> must not call back while it holds
/// a lock of its own.)</item>
/// </list>
/// </remarks>
internal sealed partial class ThreadScheduler : ExecutorCore
{
    private readonly Lock _gate = new();
    private readonly ThreadTaskQueue _queue = new();
    private readonly QueueRoom? _room;
    private readonly ThreadSlots _slots;
    private readonly ThreadSupervisor _threads;
    private readonly BlockedWorkers _blocked;
    private Func<Exception>? _broken;

    public ThreadScheduler(ThreadExecutorOptions options, string name)
        : base(name, options.TimeProvider, options.CancellationGrace, options.LoggerFactory)
    {
        Options = options;
        Meter = CreateMeter(options.MeterFactory, "thread");
        Resources = ResourceLedger.For(this, options.OwnResources);
        _slots = new ThreadSlots(options.Workers);
        _threads = new ThreadSupervisor(this, _gate, options);
        NestedWaits = _blocked = new BlockedWorkers(this, _gate, _slots, _threads);
        if (options.QueueCapacity is { } capacity) _room = new QueueRoom(name, capacity, options.QueueFullMode);
    }

    public ThreadExecutorOptions Options { get; }

    public override int Parallelism => Workers;

    /// <summary>The number of slots.</summary>
    public int Workers
    {
        get => _slots.Count;
        set
        {
            lock (_gate) _slots.SetCountLocked(value);
            CallWorkers();
        }
    }

    /// <summary>The number of slots that workers hold.</summary>
    public int SlotsTaken => _slots.Taken;

    /// <summary>The number of workers that wait to reclaim the slot that they lent.</summary>
    public int WorkersReturning => _slots.Returning;

    /// <summary>The number of submitters that wait for room in the bounded queue.</summary>
    public int SubmittersWaiting => _room?.Waiting ?? 0;

    /// <summary>Whether a task is queued.</summary>
    public bool HasWork => _queue.HasWork;

    public override long Admit(TaskOptions? options, bool regardless = false)
    {
        if (Volatile.Read(ref _broken) is { } broken) throw broken();
        if (_room is null) return base.Admit(options, regardless);

        if (regardless || (RunningTask.Current is { IsCompleted: false } task && ReferenceEquals(task.Core, this))) _room.TakeRegardless();
        else _room.Take(options?.CancellationToken ?? CancellationToken.None);
        try
        {
            return base.Admit(options, regardless);
        }
        catch
        {
            _room.GiveBack();
            throw;
        }
    }

    public override void Enqueue(Future future)
    {
        if (future.Attempt > 1) _room?.TakeRegardless();
        _queue.Push(future);

        // SYNC: work against slots. The task is pushed, then searchers and slots are read.
        if (!_slots.IsSearched && _slots.HasFree) CallWorkers();
        if (Volatile.Read(ref _broken) is not null) FailQueued();
        if (IsDiscarding) future.Cancel();
    }

    /// <remarks>A worker with more tasks in its batch checks when it has run them: the check reads the counts of all other workers.</remarks>
    public override void CompletedWhileWatched(Future future)
    {
        if (WorkerThread.Current is { Batch.IsShown: true, Runner: { Outer: null } runner } && ReferenceEquals(runner.Current, future)) return;
        CheckDrained();
    }

    public override void ReturnPlace() => _room?.GiveBack();

    /// <summary>Removes a task from the queue that was cancelled, or was started elsewhere.</summary>
    public override void Revoked(Future future)
    {
        if (_queue.Remove(future, _gate)) _room?.GiveBack();
    }

    /// <summary>Removes a task from the queue, so that the worker can run it.</summary>
    public bool TryTakeOut(WorkerThread worker, Future future)
    {
        var before = worker.Taken;
        worker.Taken = future; // before it leaves the queue, so that it is always in one of the two
        if (_queue.Remove(future, _gate))
        {
            _room?.GiveBack();

            // A task that waits for many others one by one takes no entries, and completed tasks must not stay referenced.
            using (_gate.HoldRegardless()) _queue.DropFirstLocked();
            return true;
        }

        worker.Taken = before;
        return false;
    }

    /// <summary>Assigns free slots: to workers that wait to reclaim theirs, and to one worker that starts searching, if there is work and
    /// no other worker is searching.</summary>
    public void CallWorkers()
    {
        while (true)
        {
            WorkerThread? called;
            lock (_gate)
            {
                called = NextToCallLocked();
                CheckInvariantsLocked();
            }

            if (called is null) return;
            called.Call();
        }
    }

    /// <inheritdoc cref="BlockedWorkers.IdleInPump"/>
    public void IdleInPump(TaskPump pump) => _blocked.IdleInPump(pump);

    public override ExecutorStatistics GetStatistics()
    {
        int live, idle, running;
        lock (_gate)
        {
            live = _threads.WorkersLocked.Count;
            idle = _threads.ParkedLocked;
            running = TasksUnderWayLocked().Count;
        }

        return CreateStatistics(Workers, live, idle, running) with { BrokenBy = Volatile.Read(ref _broken)?.Invoke().Message };
    }

    public override Func<TaskTreeNode> CaptureSnapshot(SnapshotRequest request) => () =>
    {
        List<(string Worker, bool IsBlocked, List<Future> Tasks)> seen;
        lock (_gate) seen = _threads.WorkersLocked.ConvertAll(static worker => (worker.Name, worker.IsBlocked, worker.Tasks()));
        return CreateSnapshot(seen.ConvertAll(static worker => new TaskTreeNode(
            worker.Worker, worker.Tasks.Count == 0 ? "idle" : worker.IsBlocked ? "blocked" : "running", [], worker.Tasks.ConvertAll(TaskDescription.SnapshotOf))));
    };

    public override ExecutorActivity CaptureActivity(int most)
    {
        List<(WorkerThread Worker, bool IsBlocked, List<Future> Tasks)> seen;
        lock (_gate) seen = _threads.WorkersLocked.ConvertAll(static worker => (worker, worker.IsBlocked, worker.Tasks()));
        var workers = seen.ConvertAll(static one => new WorkerActivity(one.Worker.Id, one.Worker.Name, one.Tasks.Count == 0 ? "idle" : one.IsBlocked ? "blocked" : "busy")
        {
            Task = one.Tasks.Find(static task => task.State == FutureState.Running) is { } task ? TaskDescription.ActivityOf(task) : null,
            Tasks = one.Tasks.Count,
        });
        return TaskDescription.ActivityOf(workers, [.. seen.SelectMany(static one => one.Tasks).Distinct()], most);
    }

    /// <summary>Assigns one free slot and returns the worker that must be woken; null if no worker is to be woken (a new worker needs no
    /// wake-up).</summary>
    private WorkerThread? NextToCallLocked()
    {
        if (!_slots.HasFree) return null;
        if (_slots.GiveToReturningLocked() is { } returning) return returning;
        if (!_queue.HasWork || _slots.IsSearched || _broken is not null) return null;
        if (_threads.TakeParkedLocked() is not { } parked)
        {
            StartWorkerLocked();
            return null;
        }

        _slots.GiveLocked(parked);
        _slots.SearchLocked(parked);
        return parked;
    }

    private void FailQueued()
    {
        if (Volatile.Read(ref _broken) is not { } broken) return;
        foreach (var task in TakeQueued()) task.EndUnstarted(FutureState.Failed, broken());
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate is held");
        _slots.CheckInvariantsLocked(_threads.WorkersLocked);
        _threads.CheckInvariantsLocked();
    }
}
