using Samovar.Executors.Mapping;
using Samovar.Tasks.Core;

namespace Samovar;

/// <content>The overloads of <c>Map</c>, for both kinds of source and each kind of delegate. All call
/// <see cref="Results{T, TResult}"/>.</content>
public abstract partial class Executor
{
    /// <summary>Runs <paramref name="work"/> for every item and returns the results as an asynchronous sequence.</summary>
    /// <remarks>
    /// <para>The sequence is lazy. It takes nothing from the source before the first <c>MoveNextAsync</c>, and after that only as much as
    /// keeps the workers busy (see <see cref="MapOptions.MaxInFlight"/>), so the source may be infinite. The source is enumerated on the
    /// thread pool, by one thread at a time; a slow source does not delay finished results. (On an <see cref="InlineExecutor"/>, everything
    /// happens inside <c>MoveNextAsync</c>.)</para>
    /// <para>The first item that fails stops the enumeration with its own error, after the results of the items before it. An error of the
    /// source is thrown at its position in the same way. To continue after failures, use <c>MapOutcomes</c>.</para>
    /// <para>Leaving the enumeration, for any reason, cancels the items that have not started and the token of those that run. It returns
    /// when no item runs any more: a worker process that ignores its token is killed after the grace period, a thread is waited for. By
    /// then the source is disposed too, except a synchronous source that blocks in <c>MoveNext</c> for longer than the grace period; that
    /// one is disposed when <c>MoveNext</c> returns.</para>
    /// <para>On an executor that runs tasks in other processes, <paramref name="work"/> and everything it captured are captured once, at
    /// the first <c>MoveNextAsync</c>, and sent once to each worker. Later changes to captured objects do not reach the workers. Changes
    /// that <paramref name="work"/> itself makes to them are visible to later items on the same worker, and nowhere else. If an item is one
    /// of the captured objects, it is the same instance in the worker too.</para>
    /// <para>When a worker process dies, the item that it was running fails with <see cref="WorkerCrashedException"/>. The results of the
    /// items before it are kept, and items that had not started run on another worker; no item runs twice.</para>
    /// <para>Each enumeration is a separate run.</para>
    /// </remarks>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <typeparam name="TResult">The type of the results.</typeparam>
    /// <param name="source">The items to process.</param>
    /// <param name="work">The delegate to run for each item.</param>
    /// <param name="options">The order, the bounds, the batch size, and the options that apply to each item; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the enumeration, which then throws <see cref="OperationCanceledException"/>.</param>
    /// <returns>The results, in the order of the source unless <see cref="MapOptions.Ordered"/> is false.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> or <paramref name="work"/> is null.</exception>
    /// <example>
    /// <code>
    /// string[] words = ["tea", "samovar", "cup"];
    /// List&lt;int> lengths = [];
    /// await foreach (int length in executor.Map(words, word => word.Length)) lengths.Add(length);
    /// </code>
    /// </example>
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
