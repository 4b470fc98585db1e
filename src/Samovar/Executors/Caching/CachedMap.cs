using System.Diagnostics.CodeAnalysis;
using Samovar.Executors.Mapping;

namespace Samovar.Executors.Caching;

/// <summary>The enumerator of a map with a cache: it reads stored results from <see cref="StoredItems{T, TResult}"/> and the others from a run, and stores
/// those.</summary>
/// <param name="plan">The plan of the run.</param>
/// <param name="source">The items.</param>
/// <param name="begin">Begins a run over the items that are not stored.</param>
/// <param name="give">Converts an item and its outcome to the value that is returned; an error that it throws stops the run.</param>
/// <param name="cancellationToken">Cancels the enumeration.</param>
[UnconditionalSuppressMessage("AOT", "IL3050", Justification = "MapOptions.Cache, without which no instance is created, has the annotation.")]
internal sealed class CachedMap<T, TResult, TGiven>(
    MapPlan<T, TResult> plan, MapSource<T> source, Func<MapSource<T>, CancellationToken, IMapBatches<T, TResult>> begin,
    Func<T, Outcome<TResult>, TGiven> give, CancellationToken cancellationToken) : IAsyncEnumerator<TGiven>
{
    private const string Unnamed = "map";
    private const int Room = 1024;

    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private readonly ResultCache _cache = plan.Options.Cache!;
    private MapCacheRules<T, TResult>? _rules;
    private StoredItems<T, TResult>? _stored;
    private MapReader<T, TResult, Outcome<T, TResult>>? _run;
    private Task<bool>? _next; // the run's next outcome, requested and not read
    private Task? _wait; // the wait for stored results, begun and not completed
    private bool _hasEnded;

    public TGiven Current { get; private set; } = default!;

    public async ValueTask<bool> MoveNextAsync()
    {
        Current = default!;
        try
        {
            return !_hasEnded && await MoveAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await DisposeAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested(); // with the token of the caller
            throw;
        }
        catch
        {
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_hasEnded) return;
        _hasEnded = true;
        Current = default!;
        await _stop.CancelAsync().ConfigureAwait(false);
        try
        {
            if (_next is { } next) await next.ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The enumeration was left, or throws an earlier error: as in every map, what was not read is dropped.
        }
        finally
        {
            if (_run is { } run) await run.DisposeAsync().ConfigureAwait(false);
            _stop.Dispose();
        }
    }

    private void Begin()
    {
        _rules = (MapCacheRules<T, TResult>?)plan.Options.CacheRules ?? OfFunction();
        _stored = new StoredItems<T, TResult>(source, _cache, _rules, plan.Tally, plan.Options.Ordered, plan.Options.MaxInFlight ?? Room);
        var open = new MapSource<T>(null, _stored) { Counted = source.Synchronous };
        _run = new MapReader<T, TResult, Outcome<T, TResult>>(() => begin(open, _stop.Token), static (item, outcome) => new Outcome<T, TResult>(item, outcome));
    }

    private MapCacheRules<T, TResult> OfFunction()
    {
        string name = plan.Options.Name ?? Unnamed;
        var keys = new FunctionKeys(name, plan.Options.CacheVersion, plan.Work.Work, typeof(T), typeof(TResult)).WithCaptures();
        return new MapCacheRules<T, TResult>(name, item => keys.KeyOf(item), static result => (true, result), static (_, result) => result);
    }

    private async ValueTask<bool> MoveAsync()
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_run is null) Begin();
        while (true)
        {
            if (_stored!.TryTake(out var item))
            {
                Current = give(item.Item, Outcome<TResult>.Success(item.Index, item.Result));
                return true;
            }

            _next ??= _run!.MoveNextAsync().AsTask();
            if (!_next.IsCompleted)
            {
                _wait ??= _stored.WaitAsync().AsTask();
                await Task.WhenAny(_next, _wait).ConfigureAwait(false);
                if (_wait.IsCompleted) _wait = null;
                continue;
            }

            // Stored results that come before this outcome, or before the end, are read first: they were there before the run got the item.
            if (_stored.TryTake(out item))
            {
                Current = give(item.Item, Outcome<TResult>.Success(item.Index, item.Result));
                return true;
            }

            var next = _next;
            _next = null;
            if (await next.ConfigureAwait(false)) return Take(_run!.Current);
            await DisposeAsync().ConfigureAwait(false);
            return false;
        }
    }

    private bool Take(Outcome<T, TResult> outcome)
    {
        var (index, key) = _stored!.TakeComputed(outcome.LongIndex);
        if (outcome.Error is { } error)
        {
            if (plan.EndsWithFirstError) FailedItem.Note(error, index, outcome.Input); // the run has counted the items that it got
            Current = give(outcome.Input, Outcome<TResult>.Failure(index, error));
            return true;
        }

        if (key is { } known && _rules!.Keep(outcome.Value) is (true, var kept)) StoredResults.Set(_cache, known, _rules.Name, kept);
        Current = give(outcome.Input, Outcome<TResult>.Success(index, outcome.Value));
        return true;
    }
}
