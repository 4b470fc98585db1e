using Samovar.Primitives;
using Samovar.Tasks.Completions;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>Provides methods that wait for several futures. Thread-safe.</summary>
public static class Futures
{
    /// <summary>Waits for futures: for all of them, for the first to complete, or for the first to fail.</summary>
    /// <typeparam name="TFuture">The type of the futures: <see cref="Future"/> or <see cref="Future{T}"/>.</typeparam>
    /// <param name="futures">The futures to wait for; duplicates are ignored.</param>
    /// <param name="until">The condition to wait for. The default is <see cref="WaitFor.All"/>.</param>
    /// <param name="timeout">The maximum time to wait; null (the default) or <see cref="Timeout.InfiniteTimeSpan"/> to wait indefinitely.
    /// An expired timeout is not an error.</param>
    /// <param name="timeProvider">The clock for the timeout; null for the system clock.</param>
    /// <param name="cancellationToken">Cancels the wait; the futures are not affected.</param>
    /// <returns>The completed and the pending futures, both in the order of <paramref name="futures"/>. Errors of the tasks are not
    /// thrown.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="futures"/> or one of its elements is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is negative and not infinite, or <paramref name="until"/>
    /// is not a member of <see cref="WaitFor"/>.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <example>
    /// <code>
    /// Future[] futures = [executor.Submit(() => 42), executor.Submit(async token => await Task.Delay(Timeout.InfiniteTimeSpan, token))];
    /// var (done, pending) = await Futures.WaitAsync(futures, WaitFor.FirstCompleted, timeout: TimeSpan.FromSeconds(30));
    /// foreach (Future future in pending) future.Cancel();
    /// </code>
    /// </example>
    public static Task<(IReadOnlyList<TFuture> Done, IReadOnlyList<TFuture> Pending)> WaitAsync<TFuture>(
        IEnumerable<TFuture> futures,
        WaitFor until = WaitFor.All,
        TimeSpan? timeout = null,
        TimeProvider? timeProvider = null,
        CancellationToken cancellationToken = default)
        where TFuture : Future
    {
        ArgumentNullException.ThrowIfNull(futures);
        if (!Enum.IsDefined(until)) throw new ArgumentOutOfRangeException(nameof(until), until, "Not a member of WaitFor.");
        var limit = TimeoutArguments.RequireTimeout(timeout ?? Timeout.InfiniteTimeSpan, nameof(timeout));
        var distinct = Distinct(futures);
        return WaitCoreAsync(distinct, until, limit, timeProvider ?? TimeProvider.System, cancellationToken);
    }

    /// <summary>Returns futures in the order of their completion. More futures can be added during the enumeration: see
    /// <see cref="CompletionSequence{TFuture}"/>.</summary>
    /// <typeparam name="TFuture">The type of the futures: <see cref="Future"/> or <see cref="Future{T}"/>.</typeparam>
    /// <param name="futures">The initial futures; duplicates are returned once.</param>
    /// <param name="timeout">The time, counted from this call, within which all futures must complete; null (the default) or
    /// <see cref="Timeout.InfiniteTimeSpan"/> for no limit. When it expires, futures that have completed are still returned; then
    /// <see cref="TimeoutException"/> is thrown.</param>
    /// <param name="timeProvider">The clock for the timeout; null for the system clock.</param>
    /// <returns>The sequence.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="futures"/> or one of its elements is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is negative and not infinite.</exception>
    /// <example>
    /// <code>
    /// Future&lt;int>[] futures = [executor.Submit(() => 1), executor.Submit(() => 2), executor.Submit(() => 3)];
    /// int sum = 0;
    /// await foreach (Future&lt;int> future in Futures.AsCompleted(futures)) sum += await future;
    /// </code>
    /// </example>
    public static CompletionSequence<TFuture> AsCompleted<TFuture>(
        IEnumerable<TFuture> futures, TimeSpan? timeout = null, TimeProvider? timeProvider = null)
        where TFuture : Future
    {
        ArgumentNullException.ThrowIfNull(futures);
        var limit = TimeoutArguments.RequireTimeout(timeout ?? Timeout.InfiniteTimeSpan, nameof(timeout));
        var sequence = new CompletionSequence<TFuture>(
            futures.TryGetNonEnumeratedCount(out int expected) ? expected : 0, limit, timeProvider ?? TimeProvider.System);
        foreach (var future in futures) sequence.Add(future);
        return sequence;
    }

    /// <summary>Waits until all futures have completed and returns their results in the order of the futures.</summary>
    /// <remarks>Behaves like <see cref="Task.WhenAll{TResult}(IEnumerable{Task{TResult}})"/>: it waits for all futures even if one fails.
    /// The returned task fails with the errors of all failed futures, of which an <c>await</c> throws the first in the order of
    /// <paramref name="futures"/>; if none failed and some were cancelled, it is cancelled. To get the outcome of each future, use
    /// <see cref="WaitAsync"/>; to stop at the first failure, use a <see cref="TaskGroup"/>.</remarks>
    /// <typeparam name="T">The type of the results.</typeparam>
    /// <param name="futures">The futures to wait for; the result of a duplicate is returned once for each occurrence.</param>
    /// <param name="cancellationToken">Cancels the wait; the futures are not affected.</param>
    /// <returns>A task with the results.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="futures"/> or one of its elements is null.</exception>
    /// <exception cref="OperationCanceledException">The token or one of the futures was cancelled.</exception>
    /// <example>
    /// <code>
    /// Future&lt;int>[] futures = [executor.Submit(() => 1), executor.Submit(() => 2), executor.Submit(() => 3)];
    /// int[] results = await Futures.WhenAll(futures); // 1, 2, 3
    /// </code>
    /// </example>
    public static Task<T[]> WhenAll<T>(IEnumerable<Future<T>> futures, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(futures);
        List<Task<T>> tasks = [];
        foreach (var future in futures)
        {
            ArgumentNullException.ThrowIfNull(future, nameof(futures));
            tasks.Add(future.AsTask());
        }

        return Task.WhenAll(tasks).WaitAsync(cancellationToken);
    }

    /// <inheritdoc cref="WhenAll{T}(IEnumerable{Future{T}}, CancellationToken)"/>
    public static Task WhenAll(IEnumerable<Future> futures, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(futures);
        List<Task> tasks = [];
        foreach (var future in futures)
        {
            ArgumentNullException.ThrowIfNull(future, nameof(futures));
            tasks.Add(future.AsTask());
        }

        return Task.WhenAll(tasks).WaitAsync(cancellationToken);
    }

    private static async Task<(IReadOnlyList<TFuture> Done, IReadOnlyList<TFuture> Pending)> WaitCoreAsync<TFuture>(
        List<TFuture> futures, WaitFor until, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
        where TFuture : Future
    {
        var wait = new WaitCompletion(until, futures.Count);
        using var nestedWait = NestedWaitAmong(futures);
        try
        {
            foreach (var future in futures)
            {
                if (wait.IsOver) break;
                future.AddCompletion(wait);
            }

            await wait.Task.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // An expired timeout is an ordinary result of the wait; the returned lists show what is pending.
        }
        finally
        {
            foreach (var future in futures) future.RemoveCompletion(wait);
        }

        var done = new List<TFuture>(futures.Count);
        var pending = new List<TFuture>();
        foreach (var future in futures) (future.IsCompleted ? done : pending).Add(future);
        return (done, pending);
    }

    private static NestedWait NestedWaitAmong<TFuture>(List<TFuture> futures)
        where TFuture : Future =>
        RunningTask.Current is { } outer && futures.Exists(future => ReferenceEquals(future.Core, outer.Core)) ? NestedWait.Begin(outer.Core) : default;

    private static List<TFuture> Distinct<TFuture>(IEnumerable<TFuture> futures)
        where TFuture : Future
    {
        var seen = new HashSet<TFuture>(ReferenceEqualityComparer.Instance);
        var distinct = new List<TFuture>();
        foreach (var future in futures)
        {
            ArgumentNullException.ThrowIfNull(future, nameof(futures));
            if (seen.Add(future)) distinct.Add(future);
        }

        return distinct;
    }
}
