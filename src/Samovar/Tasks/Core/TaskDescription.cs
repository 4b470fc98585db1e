using System.Globalization;
using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Metering;

namespace Samovar.Tasks.Core;

/// <summary>Describes the tasks of an executor for inspection from outside.</summary>
internal static class TaskDescription
{
    /// <summary>Creates what <see cref="ExecutorCore.CaptureActivity"/> returns. Must not be called under a lock.</summary>
    /// <param name="workers">The workers.</param>
    /// <param name="underWay">The tasks that run or were sent to a worker.</param>
    /// <param name="most">The maximum number of running tasks to return.</param>
    public static ExecutorActivity ActivityOf(List<WorkerActivity> workers, List<Future> underWay, int most)
    {
        var running = underWay.FindAll(static task => task.State == FutureState.Running);
        int total = running.Count;
        running.Sort(static (one, other) => one.StartedTimestamp.CompareTo(other.StartedTimestamp));
        if (total > most) running.RemoveRange(most, total - most);
        return new ExecutorActivity(workers, running.ConvertAll(ActivityOf), total);
    }

    /// <summary>Describes a running task. Must not be called under a lock: it may determine whether the task has started.</summary>
    public static TaskActivity ActivityOf(Future task) => new()
    {
        Id = task.Id,
        Name = task.Name,
        Function = task.MeteredWork is { } work ? FunctionNames.Shared.Of(work) : null,
        Worker = task.Worker?.Id ?? 0,
        WorkerName = task.Worker?.Name,
        Attempt = task.Attempt,
        Submitted = task.SubmittedAt,
        Began = task.StartedAt ?? task.SubmittedAt,
        For = task.RunTime,
        IsStopping = task.IsStopRequested,
        RetryOf = task.Controls?.RetryOf ?? 0,
        Arguments = AttemptRecords.ArgumentsOf(task),
        Fraction = task.Progress?.Fraction,
        Message = task.Progress?.Message,
    };

    /// <summary>Creates the node of a worker's task. Must not be called under a lock: it may determine whether the task has
    /// started.</summary>
    public static TaskTreeNode SnapshotOf(Future task)
    {
        var state = task.State;
        string time = state == FutureState.Running ? string.Create(CultureInfo.InvariantCulture, $" for {task.RunTime.TotalSeconds:0.0} s") : "";
        return new TaskTreeNode($"task {task.Id}{(task.Name is null ? "" : $" '{task.Name}'")}", $"{state.ToString().ToLowerInvariant()}{time}", [], []);
    }
}
