namespace Samovar;

/// <summary>The places of a bounded queue. A place is taken before a task is made and given back when the task leaves the
/// queue, by whatever way.</summary>
internal sealed class QueueRoom(string executor, int capacity, QueueFullMode mode)
{
    private readonly object _gate = new();
    private int _taken;
    private int _waiting;
    private bool _closed;

    /// <summary>How many wait for a place.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate) return _waiting;
        }
    }

    /// <summary>Takes a place; blocks or throws when there is none.</summary>
    /// <exception cref="QueueFullException">Full, and told to reject.</exception>
    /// <exception cref="OperationCanceledException">The token tripped while waiting.</exception>
    public void Take(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_taken < capacity || _closed)
            {
                _taken++;
                return;
            }
        }

        if (mode == QueueFullMode.Reject) throw new QueueFullException(executor, capacity);
        using var wakeUp = cancellationToken.UnsafeRegister(static self => ((QueueRoom)self!).WakeAll(), this);
        lock (_gate)
        {
            _waiting++;
            try
            {
                // Closed rooms let everybody through: the admission that follows tells them.
                while (_taken >= capacity && !_closed)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Monitor.Wait(_gate);
                }

                _taken++;
            }
            finally
            {
                _waiting--;
            }
        }
    }

    /// <summary>Takes a place beyond the capacity if need be: for the executor's own tasks, which must not wait for themselves,
    /// and for further attempts.</summary>
    public void TakeRegardless()
    {
        lock (_gate) _taken++;
    }

    public void GiveBack()
    {
        lock (_gate)
        {
            _taken--;
            if (_waiting > 0) Monitor.Pulse(_gate);
        }
    }

    /// <summary>Lets everybody who waits go on, to be refused.</summary>
    public void Close()
    {
        lock (_gate) _closed = true;
        WakeAll();
    }

    private void WakeAll()
    {
        lock (_gate) Monitor.PulseAll(_gate);
    }
}
