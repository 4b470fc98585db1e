using Samovar.Diagnostics.Inspection;
using Samovar.Tasks.Running;

namespace Samovar.Threads.Scheduling;

/// <summary>One worker of a thread executor. Members marked "Gate" are guarded by <see cref="ThreadScheduler"/>'s lock.</summary>
internal sealed class WorkerThread
{
    [ThreadStatic]
    private static WorkerThread? t_current;

    private readonly object _signal = new();
    private readonly ThreadScheduler _scheduler;
    private readonly Thread _thread;
    private readonly Action<TaskPump> _idle;
    private BatchLimit _limit;
    private TaskRunner? _runner;
    private Future? _taken;
    private bool _holdsSlot;
    private bool _isLeftBehind;
    private bool _isCalled;

    public WorkerThread(ThreadScheduler scheduler, int id, ThreadExecutorOptions options)
    {
        _scheduler = scheduler;
        _idle = scheduler.IdleInPump;
        _limit = new BatchLimit(scheduler.Time);
        Id = id;
        Life = scheduler.WorkerLives.Launch($"{scheduler.Name} #{id}");
        _thread = new Thread(Main, options.MaxStackSize)
        {
            Name = $"{scheduler.Name} #{id}",
            IsBackground = true,
            Priority = options.ThreadPriority,
        };
    }

    /// <summary>The worker whose thread this is; null on other threads.</summary>
    public static WorkerThread? Current => t_current;

    public int Id { get; }

    public ThreadScheduler Scheduler => _scheduler;

    public string Name => _thread.Name!;

    /// <summary>When the worker was launched, became ready and exited.</summary>
    public WorkerLife Life { get; }

    /// <summary>The innermost runner. A worker that runs other tasks while its task waits has one for each level.</summary>
    public TaskRunner? Runner
    {
        get => Volatile.Read(ref _runner); // SYNC: runner shown
        private set => Volatile.Write(ref _runner, value); // SYNC: runner shown
    }

    /// <summary>Gate: whether the worker searches for a task and counts as one that will find it.</summary>
    public bool IsSearching { get; set; }

    /// <summary>Gate: whether the worker must exit when it next searches for a task.</summary>
    public bool MustEnd { get; set; }

    /// <summary>Whether the worker has parked and must wait to be woken. Only its own thread reads and writes it.</summary>
    public bool IsParked { get; set; }

    /// <summary>Gate: whether the worker's task was abandoned and its slot belongs to another worker. The thread exits when the work
    /// returns.</summary>
    public bool IsLeftBehind
    {
        get => Volatile.Read(ref _isLeftBehind);
        set => Volatile.Write(ref _isLeftBehind, value);
    }

    /// <summary>Gate: whether the worker holds one of the scheduler's slots. The worker itself may read this without the gate.</summary>
    public bool HoldsSlot
    {
        get => Volatile.Read(ref _holdsSlot);
        set => Volatile.Write(ref _holdsSlot, value);
    }

    /// <summary>The task that the worker takes from the queue, until it has run. Written by the worker's thread before the task leaves the queue, so that
    /// the task is always in one of the two; for a moment another worker may name the same task.</summary>
    public Future? Taken
    {
        get => Volatile.Read(ref _taken); // SYNC: task taken
        set => Volatile.Write(ref _taken, value); // SYNC: task taken
    }

    /// <summary>The tasks that the worker has taken in addition to the one that it runs next.</summary>
    public TaskBatch Batch { get; } = new();

    /// <summary>Gate: whether the worker has not returned from its initializer.</summary>
    public bool IsInitializing { get; set; }

    /// <summary>Gate: the timestamp at which the worker became idle.</summary>
    public long IdleSince { get; set; }

    /// <summary>Whether the thread is blocked at the moment, according to the runtime.</summary>
    public bool IsBlocked => (_thread.ThreadState & ThreadState.WaitSleepJoin) == ThreadState.WaitSleepJoin;

    public void Start() => _thread.UnsafeStart();

    /// <summary>Blocks until <see cref="Call"/> wakes the worker.</summary>
    public void AwaitCall()
    {
        lock (_signal)
        {
            while (!_isCalled) Monitor.Wait(_signal);
            _isCalled = false;
        }
    }

    public void Call()
    {
        lock (_signal)
        {
            _isCalled = true;
            Monitor.Pulse(_signal);
        }
    }

    /// <summary>Returns how many tasks the worker may take at once, and records the take.</summary>
    public int NextTake()
    {
        long now = _runner!.LastEnd;
        Batch.TakenAt = now;
        return _limit.Next(now);
    }

    /// <summary>Runs a task on the worker's own thread; returns false if the task could not be started.</summary>
    public bool TryRun(Future task)
    {
        var outer = Runner!;
        if (outer.Current is not null) Runner = new TaskRunner(outer.Worker, outer); // runs another task while the current one waits
        try
        {
            return Runner!.TryRun(task, _idle);
        }
        finally
        {
            Runner = outer;
            Taken = null;
            _limit.Ran();
        }
    }

    /// <summary>Returns the runner, at any level, that runs this attempt of <paramref name="task"/>; a null attempt matches any.</summary>
    public TaskRunner? RunnerOf(Future task, int? attempt)
    {
        for (var runner = Runner; runner is not null; runner = runner.Outer)
        {
            if (ReferenceEquals(runner.Current, task) && (attempt is null || runner.Attempt == attempt)) return runner;
        }

        return null;
    }

    /// <summary>Returns the tasks of this worker: those that are running, including those that wait while the thread runs another task, and
    /// the one that it has taken to run next. Called under the gate.</summary>
    public List<Future> Tasks()
    {
        var running = new List<Future>();
        if (Taken is { IsCompleted: false } taken) running.Add(taken);
        for (var runner = Runner; runner is not null; runner = runner.Outer)
        {
            if (runner.Current is { IsCompleted: false } task && !running.Contains(task)) running.Add(task);
        }

        return running;
    }

    private void Main()
    {
        t_current = this;
        Runner = new TaskRunner(new WorkerIdentity(Id, Name) { ManagedThreadId = Environment.CurrentManagedThreadId });
        Life.Started();
        _scheduler.Work(this);
        Life.Exited();
    }
}
