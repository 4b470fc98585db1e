using Samovar.Primitives;
using Samovar.Tasks.Completions;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>Waiting for several futures at once. Thread-safe.</summary>
public static class Futures
{
    /// <summary>Waits for futures: all of them, the first to end, or the first to fail.</summary>
    /// <typeparam name="TFuture">The type of the futures: <see cref="Future"/> or <see cref="Future{T}"/>.</typeparam>
    /// <param name="futures">What to wait for; one given twice counts once.</param>
    /// <param name="until">What to wait for.</param>
    /// <param name="timeout">How long; null or <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes. Passing is no
    /// error.</param>
    /// <param name="timeProvider">The clock for the timeout; null for the system's.</param>
    /// <param name="cancellationToken">Gives up waiting; the futures are not touched.</param>
    /// <returns>Those that have ended and those that have not, each in the order given. Nothing of the tasks' is thrown.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="futures"/> or one of them is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative timeout, or an unknown <paramref name="until"/>.</exception>
    /// <exception cref="OperationCanceledException">The token tripped.</exception>
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

    /// <summary>Gives futures in the order in which they end. More may be added while iterating:
    /// see <see cref="CompletionSequence{TFuture}"/>.</summary>
    /// <typeparam name="TFuture">The type of the futures: <see cref="Future"/> or <see cref="Future{T}"/>.</typeparam>
    /// <param name="futures">The first futures; one given twice is given once.</param>
    /// <param name="timeout">How long after this call the last may end; null or <see cref="Timeout.InfiniteTimeSpan"/> for no
    /// limit. When it has passed, what has ended is still given, and then <see cref="TimeoutException"/> thrown.</param>
    /// <param name="timeProvider">The clock for the timeout; null for the system's.</param>
    /// <exception cref="ArgumentNullException"><paramref name="futures"/> or one of them is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative timeout.</exception>
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

    /// <summary>Waits until all futures have ended, and gives their results in the order of the futures.</summary>
    /// <remarks>As <see cref="Task.WhenAll{TResult}(IEnumerable{Task{TResult}})"/>: also after a failure it waits for the others; the task it returns fails with the errors
    /// of all that failed, of which awaiting it throws the first in the order given, and is cancelled where none failed and some were cancelled. To see what ended how, use
    /// <see cref="WaitAsync"/>; to give up at the first failure, a <see cref="TaskGroup"/>.</remarks>
    /// <typeparam name="T">The type of the results.</typeparam>
    /// <param name="futures">What to wait for; the result of one given twice is given twice.</param>
    /// <param name="cancellationToken">Gives up waiting; the futures are not touched.</param>
    /// <exception cref="ArgumentNullException"><paramref name="futures"/> or one of them is null.</exception>
    /// <exception cref="OperationCanceledException">The token tripped, or a future was cancelled.</exception>
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
            // Passing the time is one of the two ordinary ends of a wait; the result says what is pending.
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
