namespace Samovar.Ipc.Queues;

/// <summary>One item on its way in; it is written once, however often there is no room.</summary>
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

    /// <summary>Bytes for which there was no room.</summary>
    public int Length => _outgoing?.Bytes.Length ?? 0;

    /// <summary>Whether there is nothing to wait for any more: it was put, or never will be.</summary>
    public bool Try()
    {
        if (Outcome == PutOutcome.Full) Outcome = _outgoing is null ? _state.TryPut(in _item) : _state.TryPut(_outgoing);
        return Outcome != PutOutcome.Full;
    }

    /// <summary>What the item holds is let go, unless it was put: the lane holds it then.</summary>
    public void Dispose()
    {
        if (Outcome != PutOutcome.Put) _outgoing?.Dispose();
    }
}
