using Samovar.Executors.Caching;
using Samovar.Executors.Mapping;
using Samovar.Tasks.Core;

namespace Samovar;

/// <content>The overloads of <c>MapOutcomes</c>, for both kinds of source and each kind of delegate. All call
/// <see cref="Outcomes{T, TResult}"/>.</content>
public abstract partial class Executor
{
    /// <summary>Runs <paramref name="work"/> for every item and returns the outcome of each one: a failing item does not affect the
    /// others.</summary>
    /// <remarks>Like <c>Map</c>, except that a failure is an outcome and the enumeration continues. Only an error of the source or of the
    /// executor itself stops it.</remarks>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <typeparam name="TResult">The type of the results.</typeparam>
    /// <param name="source">The items to process.</param>
    /// <param name="work">The delegate to run for each item.</param>
    /// <param name="options">The order, the bounds, the batch size, and the options that apply to each item; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the enumeration, which then throws <see cref="OperationCanceledException"/>.</param>
    /// <returns>The outcomes, in the order of the source unless <see cref="MapOptions.Ordered"/> is false.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> or <paramref name="work"/> is null.</exception>
    /// <example>
    /// <code>
    /// int[] numbers = [10, 0, 5];
    /// List&lt;int> results = [], failed = [];
    /// await foreach (var outcome in executor.MapOutcomes(numbers, number => 60 / number))
    /// {
    ///     if (outcome.IsSuccess) results.Add(outcome.Value);
    ///     else failed.Add(outcome.Input);
    /// }
    /// </code>
    /// </example>
    public IAsyncEnumerable<Outcome<T, TResult>> MapOutcomes<T, TResult>(
        IEnumerable<T> source, Func<T, TResult> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        Outcomes<T, TResult>(FromItems(source), work, DelegateKind.Synchronous, options, cancellationToken);

    /// <inheritdoc cref="MapOutcomes{T, TResult}(IEnumerable{T}, Func{T, TResult}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<Outcome<T, TResult>> MapOutcomes<T, TResult>(
        IEnumerable<T> source, Func<T, CancellationToken, TResult> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        Outcomes<T, TResult>(FromItems(source), work, DelegateKind.SynchronousWithToken, options, cancellationToken);

    /// <inheritdoc cref="MapOutcomes{T, TResult}(IEnumerable{T}, Func{T, TResult}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<Outcome<T, TResult>> MapOutcomes<T, TResult>(
        IEnumerable<T> source, Func<T, Task<TResult>> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        Outcomes<T, TResult>(FromItems(source), work, DelegateKind.Asynchronous, options, cancellationToken);

    /// <inheritdoc cref="MapOutcomes{T, TResult}(IEnumerable{T}, Func{T, TResult}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<Outcome<T, TResult>> MapOutcomes<T, TResult>(
        IEnumerable<T> source, Func<T, CancellationToken, Task<TResult>> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        Outcomes<T, TResult>(FromItems(source), work, DelegateKind.AsynchronousWithToken, options, cancellationToken);

    /// <inheritdoc cref="MapOutcomes{T, TResult}(IEnumerable{T}, Func{T, TResult}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<Outcome<T, TResult>> MapOutcomes<T, TResult>(
        IAsyncEnumerable<T> source, Func<T, TResult> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        Outcomes<T, TResult>(FromItems(source), work, DelegateKind.Synchronous, options, cancellationToken);

    /// <inheritdoc cref="MapOutcomes{T, TResult}(IEnumerable{T}, Func{T, TResult}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<Outcome<T, TResult>> MapOutcomes<T, TResult>(
        IAsyncEnumerable<T> source, Func<T, CancellationToken, TResult> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        Outcomes<T, TResult>(FromItems(source), work, DelegateKind.SynchronousWithToken, options, cancellationToken);

    /// <inheritdoc cref="MapOutcomes{T, TResult}(IEnumerable{T}, Func{T, TResult}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<Outcome<T, TResult>> MapOutcomes<T, TResult>(
        IAsyncEnumerable<T> source, Func<T, Task<TResult>> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        Outcomes<T, TResult>(FromItems(source), work, DelegateKind.Asynchronous, options, cancellationToken);

    /// <inheritdoc cref="MapOutcomes{T, TResult}(IEnumerable{T}, Func{T, TResult}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<Outcome<T, TResult>> MapOutcomes<T, TResult>(
        IAsyncEnumerable<T> source, Func<T, CancellationToken, Task<TResult>> work, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        Outcomes<T, TResult>(FromItems(source), work, DelegateKind.AsynchronousWithToken, options, cancellationToken);

    private AsyncSequence<Outcome<T, TResult>> Outcomes<T, TResult>(
        MapSource<T> source, Delegate work, DelegateKind kind, MapOptions? options, CancellationToken cancellationToken)
    {
        var plan = Plan<T, TResult>(work, kind, bringsResult: true, options, endsWithFirstError: false);
        return new AsyncSequence<Outcome<T, TResult>>(
            token => Read(plan(), source, static (item, outcome) => new Outcome<T, TResult>(item, outcome), token), cancellationToken);
    }

    private AsyncSequence<TResult> Results<T, TResult>(
        MapSource<T> source, Delegate work, DelegateKind kind, MapOptions? options, CancellationToken cancellationToken)
    {
        var plan = Plan<T, TResult>(work, kind, bringsResult: true, options, endsWithFirstError: true);
        return new AsyncSequence<TResult>(token => Read(plan(), source, static (_, outcome) => outcome.Value, token), cancellationToken);
    }

    /// <summary>Validates the arguments now. The returned delegate creates the plan of one run, in the context in which the run
    /// begins.</summary>
    private Func<MapPlan<T, TResult>> Plan<T, TResult>(
        Delegate work, DelegateKind kind, bool bringsResult, MapOptions? options, bool endsWithFirstError)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (options?.RequiredAmounts is { } amounts) Core.CheckResources(amounts);
        var items = new ItemWork<T, TResult>(work, kind, bringsResult);
        return () =>
        {
            Core.Remote?.MapBegins();
            return new MapPlan<T, TResult>(this, items, options ?? MapOptions.Default, endsWithFirstError);
        };
    }

    private static IAsyncEnumerator<TGiven> Read<T, TResult, TGiven>(
        MapPlan<T, TResult> plan, MapSource<T> source, Func<T, Outcome<TResult>, TGiven> give, CancellationToken cancellationToken) =>
        plan.Options.Cache is null
            ? new MapReader<T, TResult, TGiven>(() => Begin(plan, source, cancellationToken), give)
            : new CachedMap<T, TResult, TGiven>(plan, source, (open, token) => Begin(plan, open, token), give, cancellationToken);

    private static MapReader<T, TResult, TResult> ResultsOf<T, TResult>(
        MapPlan<T, TResult> plan, MapSource<T> source, CancellationToken cancellationToken) =>
        new(() => Begin(plan, source, cancellationToken), static (_, outcome) => outcome.Value);

    private static IMapBatches<T, TResult> Begin<T, TResult>(
        MapPlan<T, TResult> plan, MapSource<T> source, CancellationToken cancellationToken)
    {
        if (plan.Core.RunsOnSubmit)
        {
            var inStep = new InStepRun<T, TResult>(plan, source, cancellationToken);
            inStep.Begin();
            return inStep;
        }

        var run = new MapRun<T, TResult>(plan);
        run.Begin(source, cancellationToken);
        return run;
    }
}
