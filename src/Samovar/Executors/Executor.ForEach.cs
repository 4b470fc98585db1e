using Samovar.Executors.Mapping;
using Samovar.Tasks.Core;

namespace Samovar;

/// <content>ForEachAsync, for both kinds of source and every kind of delegate. All lead to <see cref="EachAsync{T}"/>.</content>
public abstract partial class Executor
{
    /// <summary>Runs <paramref name="work"/> over every item and ends when all have ended.</summary>
    /// <remarks>As a loop over <c>Map</c> without results: the first item that fails cancels what has not run, trips the token of what runs,
    /// and its error is thrown once no item runs any more and the source is disposed. The order in which items end does not matter. An
    /// <see cref="OperationCanceledException"/> that nobody asked for fails the returned task, as it fails a <see cref="Future"/>.</remarks>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <param name="source">The items.</param>
    /// <param name="work">What to run for each.</param>
    /// <param name="options">Bounds and batches, and what holds for each item; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the loop with <see cref="OperationCanceledException"/>, once no item runs any more.</param>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> or <paramref name="work"/> is null.</exception>
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
                // Nothing to do with a result that is none.
            }
        }
    }
}
