namespace Samovar.RabbitMQ.Consuming;

/// <summary>The deliveries of one channel that are not acknowledged, by their tags, which are consecutive. Collects settled ones into few
/// acknowledgements. Not thread-safe.</summary>
internal sealed class AckTracker
{
    private readonly List<ulong> _settled = []; // since the last batch, in the order of settling
    private Entry[] _entries = new Entry[16]; // a ring: tags from _first on
    private int _head;
    private int _count;
    private ulong _first = 1;

    private enum EntryState : byte
    {
        Held,
        Acknowledged,
        Returned,
        Sent,
    }

    /// <summary>How many were settled since the last batch.</summary>
    public int Pending => _settled.Count;

    /// <summary>Enters a delivery.</summary>
    /// <param name="tag">Its tag.</param>
    /// <param name="holder">Counts it until a batch has its settlement.</param>
    public void Add(ulong tag, HeldCount holder)
    {
        if (tag != _first + (ulong)_count) throw new InvalidOperationException($"The broker sent delivery {tag} after {_first + (ulong)_count - 1}.");
        if (_count == _entries.Length) Grow();
        _entries[(_head + _count++) % _entries.Length] = new Entry(holder, EntryState.Held);
        holder.Add(1);
    }

    /// <summary>Notes that a delivery is to be acknowledged, or to be returned by a negative acknowledgement.</summary>
    public void Settle(ulong tag, bool isReturned)
    {
        ref Entry entry = ref At(tag);
        entry = entry with { State = isReturned ? EntryState.Returned : EntryState.Acknowledged };
        _settled.Add(tag);
    }

    /// <summary>Takes what is to be sent now: first the returns, then one acknowledgement of all tags up to one, then those of single tags.</summary>
    public void TakeBatch(AckBatch batch)
    {
        batch.Clear();
        foreach (ulong tag in _settled)
        {
            ref Entry entry = ref At(tag);
            entry.Holder.Add(-1);
            if (entry.State != EntryState.Returned) continue;
            batch.Returned.Add(tag);
            entry = entry with { State = EntryState.Sent };
        }

        while (_count > 0 && _entries[_head].State is not EntryState.Held)
        {
            if (_entries[_head].State == EntryState.Acknowledged) batch.UpTo = _first;
            _head = (_head + 1) % _entries.Length;
            _first++;
            _count--;
        }

        foreach (ulong tag in _settled)
        {
            if (tag < _first) continue;
            ref Entry entry = ref At(tag);
            if (entry.State != EntryState.Acknowledged) continue;
            batch.Single.Add(tag);
            entry = entry with { State = EntryState.Sent };
        }

        _settled.Clear();
    }

    private ref Entry At(ulong tag) => ref _entries[(_head + (int)(tag - _first)) % _entries.Length];

    private void Grow()
    {
        var larger = new Entry[2 * _entries.Length];
        for (int i = 0; i < _count; i++) larger[i] = _entries[(_head + i) % _entries.Length];
        _entries = larger;
        _head = 0;
    }

    private readonly record struct Entry(HeldCount Holder, EntryState State);
}
