using System.Collections.ObjectModel;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>Gives work access to the task that it runs in.</summary>
/// <remarks>Thread-safe. The context is available to synchronous work on the thread that runs it, and to asynchronous work wherever its
/// continuations run.</remarks>
public sealed class TaskContext
{
    private readonly Future _task;

    private TaskContext(Future task, int attempt)
    {
        _task = task;
        Attempt = attempt;
        Resources = task.Controls?.GrantedResources ?? task.Options.Granted ?? ReadOnlyDictionary<string, GrantedResource>.Empty;
    }

    /// <summary>Gets the context of the running task; null outside a task.</summary>
    public static TaskContext? Current => RunningTask.Current is { } task ? new TaskContext(task, task.Attempt) : null;

    /// <summary>Gets the task's number within its executor.</summary>
    public long TaskId => _task.Id;

    /// <summary>Gets the task's name; null if it has none.</summary>
    public string? Name => _task.Name;

    /// <summary>Gets the number of the running attempt, counted from 1.</summary>
    public int Attempt { get; }

    /// <summary>Gets the number of the worker that runs the task, within its executor.</summary>
    public int WorkerId => _task.Worker?.Id ?? 0;

    /// <summary>Gets the resources that the running attempt has, by name: what <see cref="TaskOptions.Requires"/> names. Empty if it requires
    /// none.</summary>
    public IReadOnlyDictionary<string, GrantedResource> Resources { get; }

    /// <summary>Gets the token that is cancelled when the task is cancelled or times out.</summary>
    public CancellationToken CancellationToken => _task.GetToken();

    /// <summary>Reports progress. The value is stored in <see cref="Future.Progress"/> and passed to <see cref="TaskOptions.Progress"/> on
    /// this thread. An error of that handler is reported to <see cref="Executor.UnobservedFailure"/> and not to the work.</summary>
    /// <param name="fraction">The completed fraction, from 0 to 1; null if it is unknown.</param>
    /// <param name="message">A description of the current step; null for none.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="fraction"/> is less than 0, greater than 1, or NaN.</exception>
    /// <example>
    /// <code>
    /// Future counting = executor.Submit(() =>
    /// {
    ///     for (int step = 1; step &lt;= 4; step++) TaskContext.Current!.Report(step / 4.0, $"step {step} of 4");
    /// });
    /// await counting;
    /// Console.WriteLine(counting.Progress?.Message); // step 4 of 4
    /// </code>
    /// </example>
    public void Report(double? fraction, string? message = null)
    {
        if (fraction is < 0 or > 1 or double.NaN)
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "The fraction must be from 0 to 1.");
        _task.ReportProgress(new TaskProgress(fraction, message));
    }
}
