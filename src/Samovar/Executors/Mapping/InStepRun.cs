using Samovar.Primitives;

namespace Samovar.Executors.Mapping;

/// <summary>One run of a map on an executor that runs work inside <c>Submit</c>: one item after the other, inside the reader's
/// <c>MoveNextAsync</c>.</summary>
internal sealed class InStepRun<T, TResult>(MapPlan<T, TResult> plan, MapSource<T> source, CancellationToken cancellationToken)
    : IMapBatches<T, TResult>, IMapRun
{
    private readonly long _began = plan.Core.Time.GetTimestamp();
    private readonly IEnumerator<T>? _items = source.Synchronous?.GetEnumerator();
    private readonly IAsyncEnumerator<T>? _asynchronousItems = source.Asynchronous?.GetAsyncEnumerator(cancellationToken);
    private long _index;
    private bool _isDisposed;
    private MapBatch<T, TResult>? _running;

    /// <summary>Begins to count the items. Called once, before the first.</summary>
    public void Begin() => plan.Tally.Begin(this, source);

    public async ValueTask<MapBatch<T, TResult>?> NextAsync()
    {
        cancellationToken.ThrowIfCancellationRequested(); // before anything is taken from the source
        bool more = _items is not null
            ? _items.MoveNext()
            : await _asynchronousItems!.MoveNextAsync().ConfigureAwait(false);
        if (!more)
        {
            await DisposeSourceAsync().ConfigureAwait(false); // its error is thrown at its position, after the last item
            return null;
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (plan.Options.TotalTimeout is { } total && plan.Core.Time.GetElapsedTime(_began) >= total)
        {
            throw new TimeoutException(
                $"The map over '{plan.Core.Name}' did not complete within its total timeout of {TimeoutArguments.Text(total)}: " +
                $"{_index} items were returned.");
        }

        var item = _items is not null ? _items.Current : _asynchronousItems!.Current;
        var batch = new MapBatch<T, TResult>(plan, [item], _index++, plan.Core.Admit(plan.Options, regardless: true));
        Volatile.Write(ref _running, batch);
        plan.Core.Accept(batch);
        Volatile.Write(ref _running, null);
        batch.Settle();
        plan.Tally.Count(batch.CountOutcomes());
        plan.Tally.Tell();
        return batch;
    }

    public int CountRunning() => Volatile.Read(ref _running) is { State: FutureState.Running } ? 1 : 0;

    public void HasRead(MapBatch<T, TResult> batch)
    {
        // Nothing is in flight while the reader reads.
    }

    public async ValueTask StopAsync()
    {
        try
        {
            await DisposeSourceAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // The enumeration was left, or throws another error that this one must not replace.
            plan.Core.Report(FailureSource.MapSource, 0, plan.Options.Name, error);
        }

        plan.Tally.End();
    }

    private ValueTask DisposeSourceAsync()
    {
        if (_isDisposed) return ValueTask.CompletedTask;
        _isDisposed = true;
        _items?.Dispose();
        return _asynchronousItems?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
