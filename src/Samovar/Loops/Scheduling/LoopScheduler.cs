using System.Diagnostics;
using Samovar.Diagnostics.Inspection;
using Samovar.Loops.Core;
using Samovar.Loops.Inspection;
using Samovar.Tasks.Core;
using Samovar.Tasks.Running;

namespace Samovar.Loops.Scheduling;

/// <summary>The executor core of an <see cref="EventLoop"/>: its submitted tasks, their turns, and its thread.</summary>
/// <remarks>
/// <list type="number">
/// <item>The queue and the set of running tasks change under the gate; all work runs on the loop's thread.</item>
/// <item>Each queued task posts one <em>turn</em> to the loop. A turn takes the first task of the highest priority. If a task was cancelled
/// meanwhile, its turn takes the next task, or does nothing.</item>
/// <item>A loop has its own thread, started with the first work item, or runs on the thread that called
/// <see cref="EventLoop.Run(Func{Task}, EventLoopOptions?)"/>.</item>
/// </list>
/// </remarks>
internal sealed partial class LoopScheduler : ExecutorCore
{
    private static readonly TimeSpan s_long = TimeSpan.FromMilliseconds(50); // from here on a picture names the callback that holds the loop

    private readonly Lock _gate = new();
    private readonly PriorityTaskQueue _queue = new();
    private readonly Dictionary<Future, Task?> _underWay = []; // the value is the task that the work returned, once it awaits
    private readonly List<LoopActorScheduler> _actors = []; // gate
    private readonly ExecutorOptions _options;
    private readonly Turn _turn;
    private readonly bool _hasThread;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WeakReference<Executor>? _facade;
    private WorkerIdentity _worker;
    private ExecutionContext? _ownContext;
    private Future? _current; // the task of the current turn; on the loop's thread
    private Thread? _thread;
    private bool _isRunning;
    private bool _isStopping;

    /// <param name="options">The clock, the grace period and the loggers.</param>
    /// <param name="loop">The options of the loop's core.</param>
    /// <param name="name">The loop's name.</param>
    /// <param name="hasThread">Whether the loop has its own thread; otherwise <see cref="LoopProgram.Run"/> runs it.</param>
    public LoopScheduler(ExecutorOptions options, LoopCoreOptions loop, string name, bool hasThread)
        : base(name, options.TimeProvider, options.CancellationGrace, options.LoggerFactory, reportsToConsole: true)
    {
        _options = options;
        OutlivesTasks = true;
        Meter = CreateMeter(options.MeterFactory, "loop");
        Resources = ResourceLedger.For(this, options.OwnResources);
        _hasThread = hasThread;
        _worker = new WorkerIdentity(1, name);
        _turn = new Turn(this);
        SlowCallbacks = new SlowCallbackReporter(this, loop.SlowLimit, options.LoggerFactory);
        Program = new LoopProgram(this, loop);
        Loop = Program.Core;
        Loop.NeedsThread = hasThread;
        Order = Loop.Context;
    }

    public LoopCore Loop { get; }

    /// <summary>The owner of the loop: runs its main work and its shutdown.</summary>
    public LoopProgram Program { get; }

    /// <summary>Reports callbacks that occupy the loop for too long.</summary>
    public SlowCallbackReporter SlowCallbacks { get; }

    /// <summary>Returns the scheduler of a loop.</summary>
    public static LoopScheduler Of(LoopCore loop) => ((LoopProgram)loop.Owner).Scheduler;

    /// <summary>Returns the public facade. If it was collected while the loop continues, creates another.</summary>
    public Executor GetFacade(Func<LoopScheduler, Executor> makeAnother)
    {
        lock (_gate)
        {
            if (_facade is not null && _facade.TryGetTarget(out var facade)) return facade;
            facade = makeAnother(this);
            _facade = new WeakReference<Executor>(facade);
            return facade;
        }
    }

    public void SetFace(Executor facade)
    {
        lock (_gate) _facade = new WeakReference<Executor>(facade);
    }

    /// <summary>One: code that blocks or computes delays all other work. Asynchronous work overlaps without a limit.</summary>
    public override int Parallelism => 1;

    public override void Enqueue(Future future)
    {
        lock (_gate)
        {
            _queue.Append(future);
            CheckInvariantsLocked();
        }

        try
        {
            Loop.PostOrForward(_turn, null);
        }
        catch (OutOfMemoryException error)
        {
            // The loop has no thread yet, and none can be started. If one can be started later, the turn finds no task.
            lock (_gate) _queue.Remove(future);
            future.EndUnstarted(FutureState.Failed, error);
        }

        if (IsDiscarding) future.Cancel();
    }

    public override void Revoked(Future future)
    {
        lock (_gate) _queue.Remove(future);
    }

    public override ExecutorStatistics GetStatistics()
    {
        int running;
        bool isRunning;
        lock (_gate)
        {
            running = _underWay.Keys.Count(static task => !task.IsCompleted); // a completed task is removed after its waiters are signalled
            isRunning = _isRunning;
        }

        return CreateStatistics(Parallelism, live: isRunning ? 1 : 0, idle: isRunning && running == 0 ? 1 : 0, running);
    }

    /// <summary>Whether a thread runs the loop.</summary>
    public bool IsRunning
    {
        get
        {
            lock (_gate) return _isRunning;
        }
    }

    public override bool RunsTasksAtOnce => true;

    public override ExecutorActivity CaptureActivity(int most)
    {
        List<Future> tasks;
        bool isRunning;
        lock (_gate)
        {
            tasks = [.. _underWay.Keys.Where(static task => !task.IsCompleted)];
            isRunning = _isRunning;
        }

        if (!isRunning) return TaskDescription.ActivityOf([], tasks, most);
        var (callback, heldFor, _) = Program.Core.SeenFromOutside;
        var worker = new WorkerActivity(_worker.Id, _worker.Name, tasks.Count == 0 ? "idle" : "busy")
        {
            Task = tasks is [var first, ..] ? TaskDescription.ActivityOf(first) : null,
            Tasks = tasks.Count,
            HeldFor = heldFor,
            HeldBy = heldFor > s_long && callback.Callback is not null ? CallbackOrigin.Describe(callback) : null,
        };
        return TaskDescription.ActivityOf([worker], tasks, most);
    }

    public override Func<TaskTreeNode> CaptureSnapshot(SnapshotRequest request) => LoopSnapshot.Ask(Program, IsRunning, request);

    /// <summary>Starts the loop's own thread for the first work item.</summary>
    public void EnsureThread()
    {
        lock (_gate)
        {
            if (!_hasThread || _thread is not null || _isStopping) return;
            var thread = new Thread(RunThread) { IsBackground = true, Name = Name };
            thread.UnsafeStart(); // its first step waits for the gate
            _thread = thread; // set only after the start: the shutdown waits for a thread that runs
            Loop.NeedsThread = false;
            CheckInvariantsLocked();
        }
    }

    private void RunThread()
    {
        Begin();
        Loop.Run();
        End();
        _stopped.TrySetResult();
    }

    /// <summary>Makes the calling thread the loop's thread.</summary>
    public void Begin()
    {
        int thread = Environment.CurrentManagedThreadId;
        lock (_gate)
        {
            _worker = new WorkerIdentity(1, Name) { ManagedThreadId = thread };
            _ownContext = ExecutionContext.Capture();
            _isRunning = true;
        }
    }

    /// <summary>Closes the loop after its thread has stopped running it.</summary>
    public void End()
    {
        Loop.Close();
        HasEnded();
        WorkerIdentity worker;
        lock (_gate)
        {
            _isRunning = false;
            worker = _worker;
        }

        WorkerStates.Dispose(worker, this);
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate is held");
        Debug.Assert(_thread is null || _hasThread, "a loop on its caller's thread starts no thread");
        Debug.Assert(_thread is null || !Loop.NeedsThread, "a loop that has a thread needs none");
    }

    private sealed class Turn(LoopScheduler scheduler) : ReadyWork
    {
        public override void Run()
        {
            scheduler.RunNext();
            scheduler._current = null;
        }

        public override string ToString() => scheduler._current is { } task ? $"task {task.Id}{(task.Name is null ? "" : $" '{task.Name}'")}" : "a submitted task";
    }
}
