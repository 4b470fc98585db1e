namespace Samovar.Executors.Mapping;

/// <summary>A sequence whose every enumeration is a run of its own.</summary>
internal sealed class AsyncSequence<T>(Func<CancellationToken, IAsyncEnumerator<T>> begin, CancellationToken cancellationToken)
    : IAsyncEnumerable<T>
{
    // A token given with WithCancellation comes on top of the one given to the method.
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
