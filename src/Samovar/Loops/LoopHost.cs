namespace Samovar.Loops;

/// <summary>The inside of an <see cref="EventLoop"/> as an executor: submitted tasks, their turns, and the thread.</summary>
/// <remarks>
/// <list type="number">
/// <item>Lanes and the set of running tasks change under the gate; everything that runs, runs on the loop's thread.</item>
/// <item>Each queued task puts one <em>turn</em> into the loop. A turn takes the first task of the highest priority; one whose task was
/// cancelled meanwhile takes the next, or nothing.</item>
/// <item>A loop has its own thread, started with the first work, or runs on the thread that called <see cref="EventLoop.Run(Func{Task}, EventLoopOptions?)"/>.</item>
/// </list>
/// </remarks>
internal sealed partial class LoopHost : TaskHost
{
    private readonly Lock _gate = new();
    private readonly EventLoopOptions _options;
    private readonly TaskLanes _lanes = new();
    private readonly Dictionary<Future, Task?> _underWay = []; // with the work's own task, once it awaits
    private readonly Turn _turn;
    private readonly bool _hasThread;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WeakReference<EventLoop>? _face;
    private WorkerIdentity _worker;
    private ExecutionContext? _ownContext;
    private Future? _current; // the one whose turn it is, on the loop's thread
    private Thread? _thread;
    private bool _isRunning;
    private bool _isStopping;

    public LoopHost(EventLoopOptions options, string name, bool hasThread)
        : base(name, options.TimeProvider, options.CancellationGrace, options.LoggerFactory, reportsToConsole: true)
    {
        OutlivesTasks = true;
        _options = options;
        _hasThread = hasThread;
        _worker = new WorkerIdentity(1, name);
        _turn = new Turn(this);
        Core = new LoopCore(this, options);
        Order = Core.Context;
    }

    public LoopCore Core { get; }

    /// <summary>The public face. Nobody may hold it any more, while the loop goes on; then whoever asks gets another.</summary>
    public EventLoop Face
    {
        get
        {
            lock (_gate)
            {
                if (_face is not null && _face.TryGetTarget(out var face)) return face;
                face = EventLoop.Again(this);
                _face = new WeakReference<EventLoop>(face);
                return face;
            }
        }

        set
        {
            lock (_gate) _face = new WeakReference<EventLoop>(value);
        }
    }

    /// <summary>One: what blocks or computes holds up the rest. Asynchronous work overlaps without limit.</summary>
    public override int Parallelism => 1;

    public override void Enqueue(Future future)
    {
        lock (_gate) _lanes.Append(future);
        Core.PostOrForward(_turn, null);
        if (IsDiscarding) future.Cancel();
    }

    public override void Revoked(Future future)
    {
        lock (_gate) _lanes.Remove(future);
    }

    public override ExecutorStatistics GetStatistics()
    {
        int running;
        bool isRunning;
        lock (_gate)
        {
            running = _underWay.Count;
            isRunning = _isRunning;
        }

        return Snapshot(Parallelism, live: isRunning ? 1 : 0, idle: isRunning && running == 0 ? 1 : 0, running);
    }

    /// <summary>Whether a thread runs the loop.</summary>
    public bool IsRunning
    {
        get
        {
            lock (_gate) return _isRunning;
        }
    }

    public override Func<TaskTreeNode> AskPicture(PictureRequest request) => LoopPicture.Ask(this, request);

    public ObjectDisposedException Ended() => new(Name, $"Event loop '{Name}' has ended and runs nothing any more.");

    /// <summary>A callback threw, and nobody awaits it.</summary>
    public void CallbackFailed(Exception error, ReadyItem callback) =>
        Report(FailureSource.DetachedWork, RunningTask.Current?.Id ?? 0, CallbackOrigin.Describe(callback), error);

    /// <summary>Somebody came in: starts the thread where there is none yet.</summary>
    public void EnsureThread()
    {
        if (!_hasThread || Volatile.Read(ref _thread) is not null) return;
        lock (_gate)
        {
            if (_thread is not null || _isStopping) return;
            var thread = new Thread(RunThread) { IsBackground = true, Name = Name };
            Volatile.Write(ref _thread, thread);
            thread.UnsafeStart();
        }
    }

    private void RunThread()
    {
        Begin();
        Core.Run();
        End();
        _stopped.TrySetResult();
    }

    /// <summary>This thread is the loop's from here on.</summary>
    private void Begin()
    {
        int thread = Environment.CurrentManagedThreadId;
        lock (_gate)
        {
            _worker = new WorkerIdentity(1, Name) { ManagedThreadId = thread };
            _ownContext = ExecutionContext.Capture();
            _isRunning = true;
        }
    }

    private void End()
    {
        Core.Close();
        HasEnded();
        lock (_gate) _isRunning = false;
    }

    private sealed class Turn(LoopHost host) : ReadyWork
    {
        public override void Run()
        {
            host.RunNext();
            host._current = null;
        }

        public override string ToString() => host._current is { } task ? $"task {task.Id}{(task.Name is null ? "" : $" '{task.Name}'")}" : "a submitted task";
    }
}
