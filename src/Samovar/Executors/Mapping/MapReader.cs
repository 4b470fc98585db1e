using System.Runtime.CompilerServices;

namespace Samovar.Executors.Mapping;

/// <summary>The enumerator of a map: returns the outcomes of a run's batches one by one, and releases each as it moves on.</summary>
/// <remarks>Not a compiler-generated iterator, because that would keep the last value, and its batch, alive while it waits for the
/// next.</remarks>
/// <param name="begin">Begins the run, at the first <c>MoveNextAsync</c>.</param>
/// <param name="give">Converts an item and its outcome to the value that is returned; an error that it throws stops the run.</param>
internal sealed class MapReader<T, TResult, TGiven>(
    Func<IMapBatches<T, TResult>> begin, Func<T, Outcome<TResult>, TGiven> give) : IAsyncEnumerator<TGiven>
{
    private Func<IMapBatches<T, TResult>>? _begin = begin;
    private IMapBatches<T, TResult>? _run;
    private MapBatch<T, TResult>? _batch;
    private int _place;

    public TGiven Current { get; private set; } = default!;

    /// <summary>Whether cancellation was requested for the item that was returned last, or whose error stopped the enumeration.</summary>
    public bool WasCanceled { get; private set; }

    public ValueTask<bool> MoveNextAsync()
    {
        Current = default!;
        if (_batch is not { } batch || _place >= batch.Ran || !batch[_place].IsSuccess) return MoveOnAsync();
        var outcome = batch.Take(_place++, out var item);
        Current = give(item, outcome);
        return new(true);
    }

    public ValueTask DisposeAsync()
    {
        Current = default!;
        return StopAsync();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> MoveOnAsync()
    {
        try
        {
            if (Interlocked.Exchange(ref _begin, null) is { } begin) _run = begin();
            while (_run is { } run)
            {
                if (_batch is { } batch)
                {
                    if (_place < batch.Ran)
                    {
                        WasCanceled = batch.IsCancelRequested || batch.State == FutureState.Canceled;
                        var outcome = batch.Take(_place++, out var item);
                        Current = give(item, outcome);
                        return true;
                    }

                    _batch = null;
                    run.HasRead(batch);
                }

                _place = 0;
                WasCanceled = false;
                _batch = await run.NextAsync().ConfigureAwait(false);
                if (_batch is null) await StopAsync().ConfigureAwait(false);
            }

            return false;
        }
        catch
        {
            await StopAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask StopAsync()
    {
        var run = _run;
        _begin = null;
        _batch = null;
        _run = null;
        if (run is not null) await run.StopAsync().ConfigureAwait(false);
    }
}
