using System.Diagnostics;
using Samovar.Tasks.Core;

namespace Samovar.Tasks.Running;

/// <summary>Runs tasks on the current thread, one after the other: each in the execution context it was submitted in, and
/// asynchronous ones to their very end.</summary>
/// <remarks>One for each thread (and one more for each level of help inside a waiting task); not thread-safe.</remarks>
internal sealed class TaskRunner(WorkerIdentity worker, TaskRunner? beneath = null)
{
    private static readonly ContextCallback s_runInContext = static state => ((TaskRunner)state!).RunInContext();

    // Work submitted where the flow was suppressed runs in the context this thread began with.
    private readonly ExecutionContext? _ownContext = beneath is null ? ExecutionContext.Capture() : beneath._ownContext;
    private ThreadTraits? _traits; // of this thread, taken after its initializer
    private Future? _task;
    private int _attempt;
    private long _lastEnd;
    private TaskPump? _pump;
    private Action<TaskPump>? _idle;

    public WorkerIdentity Worker { get; } = worker;

    /// <summary>The runner whose task waits while this one helps; null at the bottom.</summary>
    public TaskRunner? Outer { get; } = beneath;

    /// <summary>The attempt that runs now; 0 while it is only about to.</summary>
    public int Attempt => Volatile.Read(ref _attempt);

    /// <summary>The task that runs now; null between two. Read by statistics.</summary>
    public Future? Current => Volatile.Read(ref _task);

    /// <summary>The pump of the asynchronous task that runs now.</summary>
    public TaskPump? Pump => Volatile.Read(ref _pump);

    /// <summary>Starts the task and stays with it until it has ended. False: it was not there to be started.</summary>
    /// <param name="task">The task, queued or sent.</param>
    /// <param name="idle">Blocks while asynchronous work has nothing to run on this thread; null for a plain wait.</param>
    public bool TryRun(Future task, Action<TaskPump>? idle = null)
    {
        var context = task.Context;
        long now = _lastEnd;
        _lastEnd = 0;

        // SYNC: discard against start. Task and attempt are shown, then (after a fence) it is asked whether anything may still
        // start. Shown before it starts, an attempt that is given up is always found here.
        Volatile.Write(ref _attempt, task.Attempt);
        _ = Interlocked.Exchange(ref _task, task);
        if (task.Core.IsDiscarding) task.Cancel();
        if (!task.TryStart(Worker, now, out int attempt))
        {
            Volatile.Write(ref _task, null);
            return false;
        }

        Debug.Assert(attempt == _attempt, "a queued task keeps its attempt until somebody starts it, and that is us");
        _idle = idle;
        var thread = Thread.CurrentThread;
        var traits = _traits ??= ThreadTraits.Of(thread);
        var outer = RunningTask.Enter(task);
        try
        {
            if ((context ?? _ownContext) is { } entered) ExecutionContext.Run(entered, s_runInContext, this);
            else RunInContext();
        }
        finally
        {
            RunningTask.Leave(outer);
            traits.Restore(thread);
            Volatile.Write(ref _task, null);
            _lastEnd = task.FinishedTimestamp;
        }

        return true;
    }

    /// <summary>Says that time has passed since the last task: the next one reads the clock. (A worker that goes from task to
    /// task takes the end of one for the start of the next; the clock is a good part of what a small task costs.)</summary>
    public void TimePassed() => _lastEnd = 0;

    /// <summary>The time at which the next task starts, where it was not the end of the one before; that task gets the same.</summary>
    public long Start(TimeProvider time)
    {
        if (_lastEnd == 0) _lastEnd = time.GetTimestamp();
        return _lastEnd;
    }

    private void RunInContext()
    {
        var task = _task!;
        RunningTask.Flow(task);
        if (!task.IsAsynchronous)
        {
            // Not in the pump of a task that waits beneath: its thread is this one, and what is posted there would wait for us.
            var pumpBeneath = SynchronizationContext.Current as TaskPump;
            if (pumpBeneath is not null) SynchronizationContext.SetSynchronizationContext(null);
            _ = task.Begin(_attempt); // synchronous work is over when this returns
            if (pumpBeneath is not null) SynchronizationContext.SetSynchronizationContext(pumpBeneath);
            return;
        }

        var pump = new TaskPump(task);
        Volatile.Write(ref _pump, pump);
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(pump);
        try
        {
            if (task.Begin(_attempt) is { } work)
            {
                pump.RunUntil(work, _attempt, _idle);
                if (work.IsCompleted) task.End(_attempt, work); // otherwise the attempt was given up; what it brings is not heard
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
            Volatile.Write(ref _pump, null);
            pump.Close();
        }
    }
}
