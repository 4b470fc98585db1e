using Samovar.Executors.Mapping;
using Samovar.Tasks.Core;

namespace Samovar;

/// <content>Map, for both kinds of source and every kind of delegate. All lead to <see cref="Results{T, TResult}"/>.</content>
public abstract partial class Executor
{
    /// <summary>Runs <paramref name="work"/> over every item and gives the results.</summary>
    /// <remarks>
    /// <para>Lazy: nothing is taken from the source before the loop's first step, and then no more than keeps the workers busy (see
    /// <see cref="MapOptions.MaxInFlight"/>), so the source may be endless. It is enumerated on the thread pool, by one thread at a
    /// time; a slow source does not hold back finished results. (On an <see cref="InlineExecutor"/> everything happens in the
    /// loop's own steps.)</para>
    /// <para>The first item that fails ends the loop with its own error, after the results before it; an error of the source comes
    /// at its place likewise. To keep going past failures, use <c>MapOutcomes</c>.</para>
    /// <para>Leaving the loop, however it happens, cancels what has not run and trips the token of what runs. The loop is left once no item
    /// runs any more: a worker process that ignores its token is killed after the grace, a thread is waited for. The source is disposed by
    /// then too; only a synchronous one that blocks in <c>MoveNext</c> for longer than the grace is disposed later, when it returns.</para>
    /// <para>Where work is sent to other processes, <paramref name="work"/> and everything it captured are taken once, at the loop's first step,
    /// and sent once to each worker. Later changes to captured objects do not reach the workers; what the work itself changes in them is seen
    /// by later items on the same worker, and nowhere else. An item that is one of the captured objects is that very object there.</para>
    /// <para>A worker process that dies fails the item that it ran, with <see cref="WorkerCrashedException"/>. Results of items before it are
    /// kept, and items that had not begun run on another worker; no item runs twice.</para>
    /// <para>Each enumeration is a run of its own.</para>
    /// </remarks>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <typeparam name="TResult">The type of the results.</typeparam>
    /// <param name="source">The items.</param>
    /// <param name="work">What to run for each.</param>
    /// <param name="options">Order, bounds and batches, and what holds for each item; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the loop with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> or <paramref name="work"/> is null.</exception>
    public IAsyncEnumerable<TResult> Map<T, TResult>(
        IEnumerable<T> source, Func<T, TResult> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        Results<T, TResult>(FromItems(source), work, DelegateKind.Synchronous, options, cancellationToken);

    /// <inheritdoc cref="Map{T, TResult}(IEnumerable{T}, Func{T, TResult}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<TResult> Map<T, TResult>(
        IEnumerable<T> source, Func<T, CancellationToken, TResult> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        Results<T, TResult>(FromItems(source), work, DelegateKind.SynchronousWithToken, options, cancellationToken);

    /// <inheritdoc cref="Map{T, TResult}(IEnumerable{T}, Func{T, TResult}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<TResult> Map<T, TResult>(
        IEnumerable<T> source, Func<T, Task<TResult>> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        Results<T, TResult>(FromItems(source), work, DelegateKind.Asynchronous, options, cancellationToken);

    /// <inheritdoc cref="Map{T, TResult}(IEnumerable{T}, Func{T, TResult}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<TResult> Map<T, TResult>(
        IEnumerable<T> source, Func<T, CancellationToken, Task<TResult>> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        Results<T, TResult>(FromItems(source), work, DelegateKind.AsynchronousWithToken, options, cancellationToken);

    /// <inheritdoc cref="Map{T, TResult}(IEnumerable{T}, Func{T, TResult}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<TResult> Map<T, TResult>(
        IAsyncEnumerable<T> source, Func<T, TResult> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        Results<T, TResult>(FromItems(source), work, DelegateKind.Synchronous, options, cancellationToken);

    /// <inheritdoc cref="Map{T, TResult}(IEnumerable{T}, Func{T, TResult}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<TResult> Map<T, TResult>(
        IAsyncEnumerable<T> source, Func<T, CancellationToken, TResult> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        Results<T, TResult>(FromItems(source), work, DelegateKind.SynchronousWithToken, options, cancellationToken);

    /// <inheritdoc cref="Map{T, TResult}(IEnumerable{T}, Func{T, TResult}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<TResult> Map<T, TResult>(
        IAsyncEnumerable<T> source, Func<T, Task<TResult>> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        Results<T, TResult>(FromItems(source), work, DelegateKind.Asynchronous, options, cancellationToken);

    /// <inheritdoc cref="Map{T, TResult}(IEnumerable{T}, Func{T, TResult}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<TResult> Map<T, TResult>(
        IAsyncEnumerable<T> source, Func<T, CancellationToken, Task<TResult>> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        Results<T, TResult>(FromItems(source), work, DelegateKind.AsynchronousWithToken, options, cancellationToken);

    private static MapSource<T> FromItems<T>(IEnumerable<T> source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new(source, null);
    }

    private static MapSource<T> FromItems<T>(IAsyncEnumerable<T> source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new(null, source);
    }
}
