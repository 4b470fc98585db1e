namespace Samovar.Ipc.Queues;

/// <summary>A waiting attempt to take one item.</summary>
internal sealed class TakeAttempt<T>(QueueState state)
{
    private T _item = default!;
    private TakenBytes<T> _bytes;
    private bool _isThere;

    public bool IsAtEnd { get; private set; }

    public T Item => QueueItems<T>.IsRaw ? _item : _bytes.Read();

    /// <summary>Tries to take an item. True if waiting is unnecessary: an item was taken, or no more will arrive.</summary>
    public bool Try()
    {
        if (_isThere || IsAtEnd) return true;
        _isThere = QueueItems<T>.IsRaw ? state.TryTake(out _item) : state.TryTake(out _bytes);
        IsAtEnd = !_isThere && state.IsDrained;
        return _isThere || IsAtEnd;
    }
}
