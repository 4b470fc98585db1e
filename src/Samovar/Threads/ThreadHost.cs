namespace Samovar;

/// <summary>The inside of a <see cref="ThreadExecutor"/>: waiting tasks, workers, and the slots they hold.</summary>
/// <remarks>
/// <list type="number">
/// <item>A <em>slot</em> is the right to run a task; there are <see cref="Workers"/> of them. A worker is <em>active</em> while it
/// holds one: it runs a task or searches for one. Parked workers, and workers that wait for a task of this executor, hold
/// none.</item>
/// <item>Submitters push to the inbox without a lock. Everything else (lanes, workers, slots) changes under the gate.</item>
/// <item>Nobody is called while somebody searches: a searcher that finds work calls the next if there is more. So a flood of
/// tasks costs no wake-up each.</item>
/// <item>No task is missed: a submitter pushes and then looks for idle slots; a worker gives up its slot and then looks for
/// work. Both are full fences, so at least one of them sees the other.</item>
/// <item>User code never runs under the gate. (The clock and its timers do: a <see cref="TimeProvider"/> must not call back
/// while it holds a lock of its own.)</item>
/// </list>
/// </remarks>
internal sealed partial class ThreadHost : TaskHost
{
    private readonly Lock _gate = new();
    private readonly ThreadExecutorOptions _options;
    private readonly TaskLanes _lanes = new();
    private readonly QueueRoom? _room;
    private readonly List<WorkerThread> _workers = [];
    private readonly List<WorkerThread> _parked = []; // the last to park is the first to be called: its caches are warm
    private TaskInbox _inbox;
    private Func<Exception>? _broken;
    private int _urgent; // a task of another priority than normal may be in the inbox
    private int _started;

    public ThreadHost(ThreadExecutorOptions options, string name)
        : base(name, options.TimeProvider, options.CancellationGrace, options.LoggerFactory)
    {
        _options = options;
        _slots = options.Workers;
        if (options.QueueCapacity is { } capacity) _room = new QueueRoom(name, capacity, options.QueueFullMode);
    }

    public override int Parallelism => Workers;

    /// <summary>Submitters that wait for room in the bounded queue.</summary>
    public int SubmittersWaiting => _room?.Waiting ?? 0;

    private bool HasWork => !_inbox.IsEmpty || _lanes.Count > 0;

    public override long Admit(TaskOptions? options, bool regardless = false)
    {
        if (Volatile.Read(ref _broken) is { } broken) throw broken();
        if (_room is null) return base.Admit(options, regardless);

        if (regardless || (RunningTask.Current is { IsCompleted: false } task && ReferenceEquals(task.Host, this))) _room.TakeRegardless();
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
        _inbox.Push(future);
        if (future.Options.Priority != TaskPriority.Normal) Volatile.Write(ref _urgent, 1); // after the push, see SortInboxUnderGate

        // SYNC: work against slots. The task is pushed, then searchers and slots are read.
        if (Volatile.Read(ref _searching) == 0 && Volatile.Read(ref _active) < Volatile.Read(ref _slots)) CallWorkers();
        if (Volatile.Read(ref _broken) is not null) FailQueued();
        if (IsDiscarding) future.Cancel();
    }

    public override void Revoked(Future future) => Unlink(future);

    public override ExecutorStatistics GetStatistics()
    {
        int live, idle, running;
        lock (_gate)
        {
            live = _workers.Count;
            idle = _parked.Count;
            running = RunningTasksUnderGate().Count;
        }

        return Snapshot(Workers, live, idle, running);
    }

    public override Func<TaskTreeNode> AskPicture(PictureRequest request) => () =>
    {
        List<(string Worker, bool IsBlocked, List<Future> Tasks)> seen;
        lock (_gate) seen = _workers.ConvertAll(static worker => (worker.Name, worker.IsBlocked, TasksUnderGate(worker)));
        return Picture(seen.ConvertAll(static worker => new TaskTreeNode(
            worker.Worker, worker.Tasks.Count == 0 ? "idle" : worker.IsBlocked ? "blocked" : "running", [], worker.Tasks.ConvertAll(PictureOf))));
    };

    /// <summary>Takes a task out of the queue that somebody else has started or ended.</summary>
    private void Unlink(Future future)
    {
        bool removed;
        lock (_gate)
        {
            SortInboxUnderGate();
            removed = _lanes.Remove(future);
        }

        if (removed) _room?.GiveBack();
    }

    /// <summary>Takes the next task to run; null when none waits.</summary>
    private Future? TakeUnderGate()
    {
        // The inbox may hold a task that goes before what is in the lanes.
        if (Volatile.Read(ref _urgent) != 0 || _lanes.Highest is null or TaskPriority.Low) SortInboxUnderGate();
        return _lanes.TakeFirst();
    }

    private void SortInboxUnderGate()
    {
        Volatile.Write(ref _urgent, 0); // before the inbox is taken; marks are made after pushing, so none is lost for good
        for (var task = _inbox.TakeAll(); task is not null;)
        {
            var next = task.Next;
            _lanes.Append(task);
            task = next;
        }
    }

    /// <summary>Takes everything that waits.</summary>
    private List<Future> TakeAllQueued()
    {
        var taken = new List<Future>();
        lock (_gate)
        {
            SortInboxUnderGate();
            while (_lanes.TakeFirst() is { } task) taken.Add(task);
        }

        if (_room is not null)
        {
            for (int i = 0; i < taken.Count; i++) _room.GiveBack();
        }

        return taken;
    }

    private void FailQueued()
    {
        if (Volatile.Read(ref _broken) is not { } broken) return;
        foreach (var task in TakeAllQueued()) task.FailUnstarted(broken());
    }
}
