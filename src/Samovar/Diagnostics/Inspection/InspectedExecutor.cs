using Samovar.Diagnostics.Recording;

namespace Samovar.Diagnostics.Inspection;

/// <summary>An executor from the point of view of an observer outside this process: whether it has state to show, its snapshot, what it does, and
/// what an observer may change.</summary>
internal abstract class InspectedExecutor
{
    private static int s_created;

    /// <summary>Its number among the executors of this process, from 1.</summary>
    public int Number { get; } = Interlocked.Increment(ref s_created);

    /// <summary>The executor's type, as telemetry has it: thread, process, loop, inline, cluster.</summary>
    public string Type { get; protected set; } = "other";

    /// <summary>Whether a worker has several tasks at once, which await.</summary>
    public virtual bool RunsTasksAtOnce => false;

    /// <summary>Records the tasks while a watcher is connected.</summary>
    public TaskRecorder Recorder { get; } = new();

    /// <summary>The maps that run on it.</summary>
    public MapList Maps { get; } = new();

    /// <summary>Whether the executor has no more state to show.</summary>
    public abstract bool IsOver { get; }

    /// <summary>Drops what was recorded for watchers: no one watches any more.</summary>
    public void ClearRecords()
    {
        Recorder.Clear();
        Maps.Clear();
    }

    /// <summary>Requests a snapshot. The returned delegate produces it, even if the work that it shows is stuck. May be called on any
    /// thread.</summary>
    public abstract Func<TaskTreeNode> CaptureSnapshot(SnapshotRequest request);

    /// <summary>Returns a snapshot of the counters; see <see cref="Executor.GetStatistics"/>.</summary>
    public abstract ExecutorStatistics GetStatistics();

    /// <summary>Returns what the executor does now. May be called on any thread; never waits for a task.</summary>
    /// <param name="most">The maximum number of running tasks to return.</param>
    public abstract ExecutorActivity CaptureActivity(int most);

    /// <summary>Returns what its maps do now, and what those did that ended shortly before. May be called on any thread.</summary>
    public abstract List<MapActivity> CaptureMaps();

    /// <summary>Cancels a task that is running or was sent to a worker. Returns false if there is no such task, or if it cannot be cancelled any
    /// more.</summary>
    public abstract bool TryCancel(long task);

    /// <summary>Kills the worker of a task. Returns false if there is no such task, or if its worker is not a process.</summary>
    public abstract bool TryKill(long task);

    /// <summary>Submits the work of a failed task again, as a new task. The failed one remains failed.</summary>
    public abstract RetryResult Retry(long task);

    /// <summary>Retires a worker: it gets no more tasks, and exits after its running task. Returns false if there is no such worker, or if it is
    /// not a process.</summary>
    public virtual bool TryRetire(int worker) => false;
}
