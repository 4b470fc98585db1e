namespace Samovar;

/// <summary>One run of a map where submitting runs the work: one item after the other, in the reader's own steps.</summary>
internal sealed class InStepRun<T, TResult>(MapPlan<T, TResult> plan, MapSource<T> source, CancellationToken cancellationToken)
    : IMapBatches<T, TResult>
{
    private readonly long _began = plan.Host.Time.GetTimestamp();
    private readonly IEnumerator<T>? _items = source.Synchronous?.GetEnumerator();
    private readonly IAsyncEnumerator<T>? _asynchronousItems = source.Asynchronous?.GetAsyncEnumerator(cancellationToken);
    private long _index;

    public async ValueTask<MapBatch<T, TResult>?> NextAsync()
    {
        bool more = _items is not null
            ? _items.MoveNext()
            : await _asynchronousItems!.MoveNextAsync().ConfigureAwait(false);
        if (!more) return null;
        cancellationToken.ThrowIfCancellationRequested();
        if (plan.Options.TotalTimeout is { } total && plan.Host.Time.GetElapsedTime(_began) >= total)
        {
            throw new TimeoutException(
                $"The map over '{plan.Host.Name}' did not end within its total timeout of {total}: {_index} items were given.");
        }

        var item = _items is not null ? _items.Current : _asynchronousItems!.Current;
        var batch = new MapBatch<T, TResult>(plan, [item], _index++, plan.Host.Admit(plan.Options, regardless: true));
        plan.Host.Accept(batch);
        batch.Settle();
        return batch;
    }

    public void HasRead(MapBatch<T, TResult> batch)
    {
        // Nothing is under way while the reader reads.
    }

    public ValueTask StopAsync()
    {
        _items?.Dispose();
        return _asynchronousItems?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
