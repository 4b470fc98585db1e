using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>The options of a task. Immutable; one instance can be used for any number of tasks.</summary>
public record TaskOptions
{
    private AmountsSlot _requires;

    internal static TaskOptions Default { get; } = new();

    /// <summary>Gets the task's name, which appears in errors, statistics and traces. The default is null: no name.</summary>
    public string? Name { get; init; }

    /// <summary>Gets the timeout of each attempt, counted from the start of the attempt; time in the queue does not count. More than zero,
    /// or null (the default) or <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    /// <remarks>When the timeout expires, the attempt's token is cancelled. After the executor's
    /// <see cref="ExecutorOptions.CancellationGrace"/> the attempt is killed if the executor can do so (worker processes) and abandoned if
    /// it cannot (threads). In both cases the future fails with <see cref="TaskTimeoutException"/>, even if the work still returned a value
    /// after the timeout.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, negative, or exceeds the range of a timer (about 49
    /// days).</exception>
    /// <example>
    /// <code>
    /// Future slow = executor.Submit(
    ///     async token => await Task.Delay(TimeSpan.FromHours(1), token),
    ///     new() { Name = "slow", Timeout = TimeSpan.FromMilliseconds(50) });
    /// try
    /// {
    ///     await slow;
    /// }
    /// catch (TaskTimeoutException error)
    /// {
    ///     Console.WriteLine(error.Message); // Task 1 'slow' ran longer than its timeout of 50 ms (attempt 1).
    /// }
    /// </code>
    /// </example>
    public TimeSpan? Timeout
    {
        get;
        init => field = TimeoutArguments.RequireLimit(value, nameof(Timeout));
    }

    /// <summary>Gets the policy for retrying failed attempts. The default is null: no retries.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>Gets the priority. Tasks of a higher priority start first; within a priority, tasks start in the order of submission (see
    /// <see cref="Executor"/>). The default is <see cref="TaskPriority.Normal"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="TaskPriority"/>.</exception>
    public TaskPriority Priority
    {
        get;
        init => field = Enum.IsDefined(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Priority), value, "Not a member of TaskPriority.");
    } = TaskPriority.Normal;

    /// <summary>Gets the resources that the task needs while it runs. By default it needs no resources.</summary>
    /// <remarks>
    /// <para>The task waits, as <see cref="FutureState.Queued"/>, until its executor has all amounts free at once, and returns them when the attempt
    /// completes, with any outcome. An attempt that was abandoned on a thread returns them when its code returns. A further attempt requests them
    /// again. In a map, the amounts are those of each batch of items.</para>
    /// <para>Tasks get their resources by priority, then in the order of submission: no task overtakes another for a resource of which that one waits
    /// for more, so that a large request is not delayed by small ones. Tasks that need other resources, or none, do not wait for it.</para>
    /// <para>On a <see cref="ClusterExecutor"/> the nodes have the resources (<see cref="ClusterNodeOptions.Resources"/>). The task runs on one node that
    /// has all amounts free. While none has, the task waits for one of those that could run it: later tasks of the executor with the same priority do not
    /// take there what it waits for, and run on other nodes if these have what they require. In a map, each item has the amounts.</para>
    /// <para>A task that waits for another of its executor keeps its resources meanwhile: if the other needs them, neither continues.</para>
    /// <para>Nothing is measured or enforced: the amounts are what the program declares.</para>
    /// </remarks>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    /// <example>
    /// <code>
    /// await using var executor = new ThreadExecutor(new() { Resources = { ["gpu"] = 2 } });
    /// Future&lt;int> training = executor.Submit(
    ///     () => TaskContext.Current!.Resources["gpu"].Indexes[0],
    ///     new() { Requires = { ["gpu"] = 1 } });
    /// Console.WriteLine($"ran on GPU {await training}"); // ran on GPU 0
    /// </code>
    /// </example>
    public ResourceAmounts Requires
    {
        get => _requires.Get();
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Requires));
            _requires = new AmountsSlot(value);
        }
    }

    /// <summary>Gets the token that cancels the task, as <see cref="Future.Cancel"/> does. The default cannot be cancelled.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Gets the handler of the progress that the work reports through <see cref="TaskContext.Report"/>. It runs on the reporting
    /// thread. The default is null: none.</summary>
    public IProgress<TaskProgress>? Progress { get; init; }

    /// <summary>The resources that the task requires; null for none.</summary>
    internal ResourceAmounts? RequiredAmounts => _requires.NonEmpty;

    /// <summary>In a worker process: the resources that the task has; null for none.</summary>
    internal IReadOnlyDictionary<string, GrantedResource>? Granted { get; init; }

    /// <summary>Passes progress to <see cref="Progress"/>.</summary>
    internal void TellProgress(Future task, TaskProgress progress)
    {
        try
        {
            Progress?.Report(progress);
        }
        catch (Exception error)
        {
            // The handler belongs to the submitter, so its error must not fail the work.
            task.Core.Report(FailureSource.ProgressHandler, task.Id, task.Name, error);
        }
    }
}
