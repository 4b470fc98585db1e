namespace Samovar.Ipc.Queues;

/// <summary>An attempt to put one item, which is serialized only once, however often there is no room.</summary>
internal sealed class PutAttempt<T> : IDisposable
{
    private readonly QueueState _state;
    private readonly T _item;
    private readonly OutgoingItem<T>? _outgoing;

    public PutAttempt(QueueState state, T item)
    {
        _state = state;
        _item = item;
        if (QueueItems<T>.IsRaw) return;
        _outgoing = new OutgoingItem<T>();
        try
        {
            _outgoing.Write(item);
        }
        catch
        {
            _outgoing.Dispose();
            throw;
        }
    }

    public PutOutcome Outcome { get; private set; } = PutOutcome.Full;

    /// <summary>The length of the serialized item in bytes; 0 for an item that is copied as raw bytes.</summary>
    public int Length => _outgoing?.Bytes.Length ?? 0;

    /// <summary>Tries to put the item. True if waiting is unnecessary: the item was put, or the queue is completed.</summary>
    public bool Try()
    {
        if (Outcome == PutOutcome.Full) Outcome = _outgoing is null ? _state.TryPut(in _item) : _state.TryPut(_outgoing);
        return Outcome != PutOutcome.Full;
    }

    /// <summary>Releases the handles in the item, unless it was put: then the ring holds them.</summary>
    public void Dispose()
    {
        if (Outcome != PutOutcome.Put) _outgoing?.Dispose();
    }
}
