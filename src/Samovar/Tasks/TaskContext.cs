using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>What work can know and say about the task it runs in.</summary>
/// <remarks>Thread-safe. It is there for synchronous work on the thread that runs it, and for asynchronous work wherever its
/// continuations run.</remarks>
public sealed class TaskContext
{
    private readonly Future _task;

    private TaskContext(Future task, int attempt)
    {
        _task = task;
        Attempt = attempt;
    }

    /// <summary>The context of the running task; null outside of any.</summary>
    public static TaskContext? Current => RunningTask.Current is { } task ? new TaskContext(task, task.Attempt) : null;

    /// <summary>The task's number within its executor.</summary>
    public long TaskId => _task.Id;

    /// <summary>The task's name, if it has one.</summary>
    public string? Name => _task.Name;

    /// <summary>The attempt that runs, from 1.</summary>
    public int Attempt { get; }

    /// <summary>The number of the worker that runs it, within its executor.</summary>
    public int WorkerId => _task.Worker?.Id ?? 0;

    /// <summary>Trips when the task is cancelled or its time is over.</summary>
    public CancellationToken CancellationToken => _task.GetToken();

    /// <summary>Tells how far the work has come: kept in <see cref="Future.Progress"/> and handed to
    /// <see cref="TaskOptions.Progress"/> on this thread. An error of that handler goes to
    /// <see cref="Executor.UnobservedFailure"/>, not to the work.</summary>
    /// <param name="fraction">From 0 to 1; null when the end is not known.</param>
    /// <param name="message">What is being done; null for nothing to say.</param>
    /// <exception cref="ArgumentOutOfRangeException">A fraction outside 0 to 1, or not a number.</exception>
    public void Report(double? fraction, string? message = null)
    {
        if (fraction is < 0 or > 1 or double.NaN)
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "A fraction is from 0 to 1.");
        _task.ReportProgress(new TaskProgress(fraction, message));
    }
}
