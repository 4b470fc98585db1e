using System.Diagnostics;
using Samovar.Tasks.Core;

namespace Samovar.Tasks.Running;

/// <summary>Runs tasks on the current thread, one after the other: each in the execution context in which it was submitted, and
/// asynchronous ones until completion.</summary>
/// <remarks>One instance per thread, and one more for each level of tasks that run inside a waiting task. Not thread-safe.</remarks>
internal sealed class TaskRunner(WorkerIdentity worker, TaskRunner? beneath = null)
{
    private static readonly ContextCallback s_runInContext = static state => ((TaskRunner)state!).RunInContext();

    // Work submitted with suppressed flow runs in the context in which this thread started.
    private readonly ExecutionContext? _ownContext = beneath is null ? ExecutionContext.Capture() : beneath._ownContext;
    private ThreadTraits? _traits; // of this thread, taken after its initializer
    private Future? _task;
    private int _attempt;
    private long _lastEnd;
    private TaskPump? _pump;
    private Action<TaskPump>? _idle;

    public WorkerIdentity Worker { get; } = worker;

    /// <summary>The runner whose task waits while this one runs another task; null for the outermost.</summary>
    public TaskRunner? Outer { get; } = beneath;

    /// <summary>The attempt that is running or about to start; 0 before the first.</summary>
    public int Attempt => Volatile.Read(ref _attempt);

    /// <summary>The task that is running; null between two tasks. Read by statistics.</summary>
    public Future? Current => Volatile.Read(ref _task);

    /// <summary>The pump of the asynchronous task that is running.</summary>
    public TaskPump? Pump => Volatile.Read(ref _pump);

    /// <summary>The timestamp at which the last task completed; 0 if time has passed since.</summary>
    public long LastEnd => _lastEnd;

    /// <summary>Starts the task and stays with it until completion. Returns false if the task could not be started.</summary>
    /// <param name="task">The task, queued or sent.</param>
    /// <param name="idle">Blocks while asynchronous work has nothing to run on this thread; null for a plain wait.</param>
    public bool TryRun(Future task, Action<TaskPump>? idle = null)
    {
        var context = task.Context;
        long now = _lastEnd;
        _lastEnd = 0;

        // Published before the start, so that an abandoned attempt is always found here.
        Volatile.Write(ref _attempt, task.Attempt);
        Volatile.Write(ref _task, task);
        if (task.Core.IsDiscarding) task.Cancel();
        if (!task.TryStart(Worker, now, out int attempt))
        {
            Volatile.Write(ref _task, null);
            return false;
        }

        // SYNC: discard against start. Task and attempt are published, then (the start is a full fence) the discarding flag is read.
        if (task.Core.IsDiscarding && task.EndAsCanceled(attempt))
        {
            Volatile.Write(ref _task, null);
            return true;
        }

        Debug.Assert(attempt == _attempt, "a queued task keeps its attempt number until it is started, which only this runner does");
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

    /// <summary>Records that time has passed since the last task, so that the next one reads the clock. (A worker without a pause uses the
    /// end of one task as the start of the next, because reading the clock is a large part of the cost of a small task.)</summary>
    public void TimePassed() => _lastEnd = 0;

    /// <summary>Returns the start time of the next task if that is not the end of the previous one; the task gets the same time.</summary>
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
            // Not in the pump of an outer task that waits: its thread is this one, and callbacks posted there would wait for this task.
            var pumpBeneath = SynchronizationContext.Current as TaskPump;
            if (pumpBeneath is not null) SynchronizationContext.SetSynchronizationContext(null);
            _ = ResourceGrant.BeginCode(task, _attempt); // synchronous work has completed when this returns
            if (pumpBeneath is not null) SynchronizationContext.SetSynchronizationContext(pumpBeneath);
            return;
        }

        var pump = new TaskPump(task);
        Volatile.Write(ref _pump, pump);
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(pump);
        try
        {
            if (ResourceGrant.BeginCode(task, _attempt) is { } work)
            {
                pump.RunUntil(work, _attempt, _idle);
                if (work.IsCompleted) task.End(_attempt, work); // otherwise the attempt was abandoned and its outcome is ignored
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
