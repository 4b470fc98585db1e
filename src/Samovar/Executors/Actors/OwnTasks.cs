namespace Samovar.Executors.Actors;

/// <summary>The tasks of an actor's executor that are not calls: creations and the disposal. Thread-safe.</summary>
internal sealed class OwnTasks
{
    private readonly List<Future> _incomplete = []; // also the lock of both fields
    private readonly long[] _completed = new long[(int)FutureState.Canceled + 1]; // by state

    public void Add(Future task)
    {
        lock (_incomplete)
        {
            SettleLocked();
            _incomplete.Add(task);
        }
    }

    /// <summary>Returns how many are in each state. One that was sent counts as running, because its worker is busy.</summary>
    public long[] Count()
    {
        lock (_incomplete)
        {
            SettleLocked();
            long[] counts = [.. _completed];
            foreach (var task in _incomplete)
            {
                var state = task.State;
                counts[(int)(state == FutureState.Sent ? FutureState.Running : state)]++;
            }

            return counts;
        }
    }

    // An actor that is restarted often must not keep all its creations.
    private void SettleLocked() => _incomplete.RemoveAll(task =>
    {
        var state = task.State;
        if (state < FutureState.Succeeded) return false;
        _completed[(int)state]++;
        return true;
    });
}
