using System.Diagnostics;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>Runs submitted work and returns futures for it. All executors share this contract, whether threads, worker processes or an
/// event loop run the work.</summary>
/// <remarks>
/// <para>All members are thread-safe.</para>
/// <list type="bullet">
/// <item>Within a <see cref="TaskOptions.Priority"/>, tasks start in the order of submission; with several workers, a very short task may start
/// some microseconds after one that was submitted later. Submitting never blocks, unless a bounded queue is configured.</item>
/// <item>Continuations run on the thread pool or in the context that they were captured in, never on a worker. A continuation that throws
/// or blocks does not affect the others.</item>
/// <item>A task that waits for another task of its own executor does not deadlock: see <see cref="Future.Wait"/>.</item>
/// <item>The executor keeps no reference to the work, the arguments or the result of a task after its completion.</item>
/// </list>
/// </remarks>
[DebuggerDisplay("{Name,nq}")]
public abstract partial class Executor : IAsyncDisposable
{
    private protected Executor(ExecutorCore core)
    {
        Core = core;
        core.CanBeSeen();
    }

    /// <summary>Gets the executor's name, as it appears in errors, logs and statistics.</summary>
    public string Name => Core.Name;

    /// <summary>Occurs when an error cannot be delivered to any caller: see <see cref="FailureSource"/>. Without a handler, the error is
    /// logged. Handlers run on the thread on which the error occurred and should return quickly.</summary>
    public event Action<UnobservedFailure>? UnobservedFailure
    {
        add => Core.UnobservedFailure += value;
        remove => Core.UnobservedFailure -= value;
    }

    internal ExecutorCore Core { get; }

    /// <summary>Whether the options of executors of this type have an exit hook.</summary>
    internal virtual bool OffersExitHook => false;

    /// <summary>Returns a snapshot of the executor's state and counters.</summary>
    /// <returns>An immutable snapshot.</returns>
    /// <example>
    /// <code>
    /// Future&lt;int> future = executor.Submit(() => 42);
    /// await executor.DrainAsync();
    /// ExecutorStatistics statistics = executor.GetStatistics();
    /// Console.WriteLine($"{statistics.Succeeded} of {statistics.Submitted} tasks have succeeded"); // 1 of 1 …
    /// </code>
    /// </example>
    public ExecutorStatistics GetStatistics() => Core.GetStatistics();

    /// <summary>Waits until every submitted task, and every call of an actor of this executor, has completed. The executor continues to accept work; tasks
    /// submitted during the wait are waited for too.</summary>
    /// <param name="cancellationToken">Cancels the wait, not the tasks.</param>
    /// <returns>A task that completes when no submitted task is incomplete.</returns>
    /// <exception cref="InvalidOperationException">The method was called from one of the executor's own tasks, which would wait for
    /// itself.</exception>
    public Task DrainAsync(CancellationToken cancellationToken = default)
    {
        RefuseInsideOwnTask(nameof(DrainAsync));
        return ExternalWorkTracker.TrackExternalAsync(Core, Core.DrainAllAsync(cancellationToken));
    }

    /// <summary>Shuts the executor down: it accepts no more work, and when the returned task completes, all its tasks have completed and
    /// its workers have exited.</summary>
    /// <param name="mode">What happens to incomplete tasks. The default is <see cref="ShutdownMode.Drain"/>. A second call may use a
    /// stricter mode than the first.</param>
    /// <param name="grace">For <see cref="ShutdownMode.Kill"/>: how long running tasks have to react to their token; null (the default) for
    /// <see cref="ExecutorOptions.CancellationGrace"/>, <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <param name="cancellationToken">Cancels the wait; the shutdown itself continues.</param>
    /// <returns>A task that completes when the executor has stopped.</returns>
    /// <remarks>A thread cannot be killed. After the grace period its future completes as <see cref="FutureState.Canceled"/>; the thread is
    /// a background thread and exits when the work returns.</remarks>
    /// <exception cref="InvalidOperationException">The method was called from one of the executor's own tasks, which would wait for
    /// itself.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="grace"/> is negative and not infinite, or <paramref name="mode"/> is
    /// not a member of <see cref="ShutdownMode"/>.</exception>
    /// <example>
    /// <code>
    /// Future endless = executor.Submit(async token => await Task.Delay(Timeout.InfiniteTimeSpan, token));
    /// await executor.ShutdownAsync(ShutdownMode.Kill, grace: TimeSpan.FromSeconds(5));
    /// Console.WriteLine(endless.State); // Canceled
    /// </code>
    /// </example>
    public Task ShutdownAsync(
        ShutdownMode mode = ShutdownMode.Drain, TimeSpan? grace = null, CancellationToken cancellationToken = default)
    {
        if (!Enum.IsDefined(mode)) throw new ArgumentOutOfRangeException(nameof(mode), mode, "Not a member of ShutdownMode.");
        var limit = TimeoutArguments.RequireTimeout(grace ?? Core.CancellationGrace, nameof(grace));
        RefuseInsideOwnTask(nameof(ShutdownAsync));
        GC.SuppressFinalize(this);
        return ExternalWorkTracker.TrackExternalAsync(Core, Core.ShutdownAsync(mode, limit).WaitAsync(cancellationToken));
    }

    /// <summary>Waits for all submitted tasks, then stops the executor, like <see cref="ShutdownAsync"/> with
    /// <see cref="ShutdownMode.Drain"/>.</summary>
    /// <returns>A task that completes when the executor has stopped.</returns>
    public ValueTask DisposeAsync()
    {
        return new ValueTask(ShutdownAsync());
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private void RefuseInsideOwnTask(string member)
    {
        if (RunningTask.Current is not { IsCompleted: false } task || !Core.Runs(task)) return;
        string caller = ReferenceEquals(task.Core, Core) ? $"its own task {task.Id}" : $"call {task.Id} of its actor '{task.Core.Name}'";
        throw new InvalidOperationException($"{member} of '{Name}' was called from {caller}, which would wait for itself and deadlock. Call it from outside the executor.");
    }
}
