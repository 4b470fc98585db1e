using System.Diagnostics;
using Samovar.Diagnostics.Inspection;
using Samovar.Loops.Core;
using Samovar.Loops.Inspection;
using Samovar.Tasks.Core;
using Samovar.Tasks.Running;

namespace Samovar.Loops.Scheduling;

/// <summary>The inside of an <see cref="EventLoop"/> as an executor: submitted tasks, their turns, and the thread.</summary>
/// <remarks>
/// <list type="number">
/// <item>Queue and the set of running tasks change under the gate; everything that runs, runs on the loop's thread.</item>
/// <item>Each queued task puts one <em>turn</em> into the loop. A turn takes the first task of the highest priority; one whose task was
/// cancelled meanwhile takes the next, or nothing.</item>
/// <item>A loop has its own thread, started with the first work, or runs on the thread that called <see cref="EventLoop.Run(Func{Task}, EventLoopOptions?)"/>.</item>
/// </list>
/// </remarks>
internal sealed partial class LoopScheduler : ExecutorCore
{
    private readonly Lock _gate = new();
    private readonly PriorityTaskQueue _queue = new();
    private readonly Dictionary<Future, Task?> _underWay = []; // with the work's own task, once it awaits
    private readonly Turn _turn;
    private readonly bool _hasThread;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WeakReference<Executor>? _facade;
    private WorkerIdentity _worker;
    private ExecutionContext? _ownContext;
    private Future? _current; // the one whose turn it is, on the loop's thread
    private Thread? _thread;
    private bool _isRunning;
    private bool _isStopping;

    /// <param name="options">Clock, grace and loggers.</param>
    /// <param name="loop">How the loop runs.</param>
    /// <param name="name">Its name.</param>
    /// <param name="hasThread">Whether it has a thread of its own; otherwise <see cref="LoopProgram.Run"/> runs it.</param>
    public LoopScheduler(ExecutorOptions options, LoopCoreOptions loop, string name, bool hasThread)
        : base(name, options.TimeProvider, options.CancellationGrace, options.LoggerFactory, reportsToConsole: true)
    {
        OutlivesTasks = true;
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

    /// <summary>The owner of the loop: its main work, and its end.</summary>
    public LoopProgram Program { get; }

    /// <summary>Reports what holds up the loop.</summary>
    public SlowCallbackReporter SlowCallbacks { get; }

    /// <summary>The scheduler of a loop.</summary>
    public static LoopScheduler Of(LoopCore loop) => ((LoopProgram)loop.Owner).Scheduler;

    /// <summary>The public face. It may have been collected while the loop goes on; then the next caller gets another.</summary>
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

    /// <summary>One: what blocks or computes holds up the rest. Asynchronous work overlaps without limit.</summary>
    public override int Parallelism => 1;

    public override void Enqueue(Future future)
    {
        lock (_gate)
        {
            _queue.Append(future);
            CheckInvariantsLocked();
        }

        Loop.PostOrForward(_turn, null);
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
            running = _underWay.Count;
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

    public override Func<TaskTreeNode> CaptureSnapshot(SnapshotRequest request) => LoopSnapshot.Ask(Program, IsRunning, request);

    /// <summary>Work came in: starts the loop's own thread where there is none yet.</summary>
    public void EnsureThread()
    {
        lock (_gate)
        {
            if (!_hasThread || _thread is not null || _isStopping) return;
            _thread = new Thread(RunThread) { IsBackground = true, Name = Name };
            Loop.NeedsThread = false;
            _thread.UnsafeStart();
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

    /// <summary>This thread is the loop's from here on.</summary>
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

    /// <summary>Nothing runs the loop any more.</summary>
    public void End()
    {
        Loop.Close();
        HasEnded();
        lock (_gate) _isRunning = false;
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate is held");
        Debug.Assert(_thread is null || _hasThread, "a loop on its caller's thread starts none");
        Debug.Assert(_thread is null || !Loop.NeedsThread, "a loop that has a thread asks for none");
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
