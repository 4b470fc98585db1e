using Samovar.Tasks.Running;

namespace Samovar.Threads.Scheduling;

/// <summary>One worker of a thread executor. What is marked "gate" belongs to <see cref="ThreadScheduler"/>'s lock.</summary>
internal sealed class WorkerThread
{
    [ThreadStatic]
    private static WorkerThread? t_current;

    private readonly object _signal = new();
    private readonly ThreadScheduler _scheduler;
    private readonly Thread _thread;
    private readonly Action<TaskPump> _idle;
    private TaskRunner? _runner;
    private Future? _taken;
    private bool _holdsSlot;
    private bool _isLeftBehind;
    private bool _isCalled;

    public WorkerThread(ThreadScheduler scheduler, int id, ThreadExecutorOptions options)
    {
        _scheduler = scheduler;
        _idle = scheduler.IdleInPump;
        Id = id;
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

    /// <summary>The innermost runner: a worker that helps while it waits has one for each level.</summary>
    public TaskRunner? Runner
    {
        get => Volatile.Read(ref _runner); // SYNC: runner shown
        private set => Volatile.Write(ref _runner, value); // SYNC: runner shown
    }

    /// <summary>Gate: it looks for work and counts as one who will find it.</summary>
    public bool IsSearching { get; set; }

    /// <summary>Gate: it is to end when it next looks for work.</summary>
    public bool MustEnd { get; set; }

    /// <summary>Its own thread's alone: it has parked, and must wait for the call that ends that.</summary>
    public bool IsParked { get; set; }

    /// <summary>Gate: its task was given up and its slot belongs to another; it ends when the task does.</summary>
    public bool IsLeftBehind
    {
        get => Volatile.Read(ref _isLeftBehind);
        set => Volatile.Write(ref _isLeftBehind, value);
    }

    /// <summary>Gate: it holds one of the scheduler's slots. The worker itself may look without the gate.</summary>
    public bool HoldsSlot
    {
        get => Volatile.Read(ref _holdsSlot);
        set => Volatile.Write(ref _holdsSlot, value);
    }

    /// <summary>Gate: the task it has taken out of the queue, until it has run it.</summary>
    public Future? Taken
    {
        get => Volatile.Read(ref _taken); // SYNC: task taken
        set => Volatile.Write(ref _taken, value); // SYNC: task taken
    }

    /// <summary>Gate: it has not come out of its initializer.</summary>
    public bool IsInitializing { get; set; }

    /// <summary>Gate: when it went idle.</summary>
    public long IdleSince { get; set; }

    /// <summary>Whether the thread is blocked now, as the runtime sees it.</summary>
    public bool IsBlocked => (_thread.ThreadState & ThreadState.WaitSleepJoin) == ThreadState.WaitSleepJoin;

    public void Start() => _thread.UnsafeStart();

    /// <summary>Blocks until called.</summary>
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

    /// <summary>Runs a task on this, the worker's own thread; false when it was not there to be started.</summary>
    public bool TryRun(Future task)
    {
        var outer = Runner!;
        if (outer.Current is not null) Runner = new TaskRunner(outer.Worker, outer); // helps while the task it runs waits
        try
        {
            return Runner!.TryRun(task, _idle);
        }
        finally
        {
            Runner = outer;
            Taken = null;
        }
    }

    /// <summary>The runner at whatever level that runs this attempt of <paramref name="task"/>; null for any attempt.</summary>
    public TaskRunner? RunnerOf(Future task, int? attempt)
    {
        for (var runner = Runner; runner is not null; runner = runner.Outer)
        {
            if (ReferenceEquals(runner.Current, task) && (attempt is null || runner.Attempt == attempt)) return runner;
        }

        return null;
    }

    /// <summary>What it runs, also what waits while the thread helps with another task, and what it has taken to run next. Under the gate.</summary>
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
        _scheduler.Work(this);
    }
}
