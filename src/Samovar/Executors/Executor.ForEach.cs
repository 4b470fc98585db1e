using Samovar.Executors.Mapping;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar;

/// <content>The overloads of <c>ForEachAsync</c>, for both kinds of source and each kind of delegate. All call
/// <see cref="EachAsync{T}"/>.</content>
public abstract partial class Executor
{
    /// <summary>Runs <paramref name="work"/> for every item and completes when all items have completed.</summary>
    /// <remarks>
    /// <para>Like <c>Map</c> without results: the first item that fails cancels the items that have not started and the token of those that
    /// run. Its error is thrown when no item runs any more and the source is disposed. The order in which items complete does not
    /// matter.</para>
    /// <para>An <see cref="OperationCanceledException"/> that was not requested, through <paramref name="cancellationToken"/> or
    /// <see cref="TaskOptions.CancellationToken"/>, fails the returned task instead of cancelling it, just as it fails a
    /// <see cref="Future"/>.</para>
    /// </remarks>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <param name="source">The items to process.</param>
    /// <param name="work">The delegate to run for each item.</param>
    /// <param name="options">The bounds, the batch size, and the options that apply to each item; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the operation: the returned task is cancelled once no item runs any more.</param>
    /// <returns>A task that completes when every item has completed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> or <paramref name="work"/> is null.</exception>
    /// <exception cref="ArgumentException">The options have a <see cref="MapOptions.Cache"/>.</exception>
    /// <example>
    /// <code>
    /// var squares = new ConcurrentDictionary&lt;int, int>();
    /// await executor.ForEachAsync(Enumerable.Range(1, 100), number => squares[number] = number * number);
    /// </code>
    /// </example>
    public Task ForEachAsync<T>(
        IEnumerable<T> source, Action<T> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        EachAsync(FromItems(source), work, DelegateKind.Synchronous, options, cancellationToken);

    /// <inheritdoc cref="ForEachAsync{T}(IEnumerable{T}, Action{T}, MapOptions?, CancellationToken)"/>
    public Task ForEachAsync<T>(
        IEnumerable<T> source, Action<T, CancellationToken> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        EachAsync(FromItems(source), work, DelegateKind.SynchronousWithToken, options, cancellationToken);

    /// <inheritdoc cref="ForEachAsync{T}(IEnumerable{T}, Action{T}, MapOptions?, CancellationToken)"/>
    public Task ForEachAsync<T>(
        IEnumerable<T> source, Func<T, Task> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        EachAsync(FromItems(source), work, DelegateKind.Asynchronous, options, cancellationToken);

    /// <inheritdoc cref="ForEachAsync{T}(IEnumerable{T}, Action{T}, MapOptions?, CancellationToken)"/>
    public Task ForEachAsync<T>(
        IEnumerable<T> source, Func<T, CancellationToken, Task> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        EachAsync(FromItems(source), work, DelegateKind.AsynchronousWithToken, options, cancellationToken);

    /// <inheritdoc cref="ForEachAsync{T}(IEnumerable{T}, Action{T}, MapOptions?, CancellationToken)"/>
    public Task ForEachAsync<T>(
        IAsyncEnumerable<T> source, Action<T> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        EachAsync(FromItems(source), work, DelegateKind.Synchronous, options, cancellationToken);

    /// <inheritdoc cref="ForEachAsync{T}(IEnumerable{T}, Action{T}, MapOptions?, CancellationToken)"/>
    public Task ForEachAsync<T>(
        IAsyncEnumerable<T> source, Action<T, CancellationToken> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        EachAsync(FromItems(source), work, DelegateKind.SynchronousWithToken, options, cancellationToken);

    /// <inheritdoc cref="ForEachAsync{T}(IEnumerable{T}, Action{T}, MapOptions?, CancellationToken)"/>
    public Task ForEachAsync<T>(
        IAsyncEnumerable<T> source, Func<T, Task> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        EachAsync(FromItems(source), work, DelegateKind.Asynchronous, options, cancellationToken);

    /// <inheritdoc cref="ForEachAsync{T}(IEnumerable{T}, Action{T}, MapOptions?, CancellationToken)"/>
    public Task ForEachAsync<T>(
        IAsyncEnumerable<T> source, Func<T, CancellationToken, Task> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        EachAsync(FromItems(source), work, DelegateKind.AsynchronousWithToken, options, cancellationToken);

    private Task EachAsync<T>(
        MapSource<T> source, Delegate work, DelegateKind kind, MapOptions? options, CancellationToken cancellationToken)
    {
        if (options?.Cache is not null) throw new ArgumentException("ForEachAsync has no results that a cache could keep. Use Map, or leave MapOptions.Cache null.", nameof(options));
        var unordered = (options ?? MapOptions.Default) with { Ordered = false };
        var plan = Plan<T, NoResult>(work, kind, bringsResult: false, unordered, endsWithFirstError: true);
        var results = ResultsOf(plan(), source, cancellationToken);
        return UnaskedCancellation.FailsIn(
            FinishAsync(results), (results, cancellationToken), static run => run.cancellationToken.IsCancellationRequested || run.results.WasCanceled);
    }

    private static async Task FinishAsync<T>(MapReader<T, NoResult, NoResult> results)
    {
        await using (results.ConfigureAwait(false))
        {
            while (await results.MoveNextAsync().ConfigureAwait(false))
            {
                // The items have no result.
            }
        }
    }
}
