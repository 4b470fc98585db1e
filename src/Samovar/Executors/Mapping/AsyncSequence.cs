namespace Samovar.Executors.Mapping;

/// <summary>A sequence of which each enumeration is a separate run.</summary>
internal sealed class AsyncSequence<T>(Func<CancellationToken, IAsyncEnumerator<T>> begin, CancellationToken cancellationToken)
    : IAsyncEnumerable<T>
{
    // A token passed to WithCancellation is added to the one passed to the method.
    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationTokenOfLoop = default)
    {
        if (!cancellationTokenOfLoop.CanBeCanceled || cancellationTokenOfLoop == cancellationToken) return begin(cancellationToken);
        return cancellationToken.CanBeCanceled
            ? WithBothAsync(cancellationTokenOfLoop)
            : begin(cancellationTokenOfLoop);
    }

    private async IAsyncEnumerator<T> WithBothAsync(CancellationToken other)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, other);
        var items = begin(both.Token);
        await using (items.ConfigureAwait(false))
        {
            while (await items.MoveNextAsync().ConfigureAwait(false)) yield return items.Current;
        }
    }
}
