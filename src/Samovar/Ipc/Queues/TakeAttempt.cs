namespace Samovar.Ipc.Queues;

/// <summary>One take that waits.</summary>
internal sealed class TakeAttempt<T>(QueueState state)
{
    private T _item = default!;
    private TakenBytes<T> _bytes;
    private bool _isThere;

    public bool IsAtEnd { get; private set; }

    public T Item => QueueItems<T>.IsRaw ? _item : _bytes.Read();

    /// <summary>Whether there is nothing to wait for any more: an item was taken, or none will come.</summary>
    public bool Try()
    {
        if (_isThere || IsAtEnd) return true;
        _isThere = QueueItems<T>.IsRaw ? state.TryTake(out _item) : state.TryTake(out _bytes);
        IsAtEnd = !_isThere && state.IsDrained;
        return _isThere || IsAtEnd;
    }
}
