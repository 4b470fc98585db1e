namespace Samovar.Stress.Cluster.Simulation;

/// <summary>The clock and the events of a simulation. Everything runs on the one thread of the thread pool: an event runs when all work that earlier
/// events have queued on the pool has run, so the order is the same each time.</summary>
/// <remarks>Used by that thread only.</remarks>
internal sealed class VirtualTime : IThreadPoolWorkItem
{
    private readonly PriorityQueue<Event, (long Due, long Order)> _events = new();
    private readonly TaskCompletionSource _over = new();
    private Func<bool> _isOver = static () => false;
    private long _lastOrder;
    private int _thread;

    /// <summary>The time since the start, in ticks.</summary>
    public long Now { get; private set; }

    /// <summary>How many events have run.</summary>
    public long Events { get; private set; }

    /// <summary>Limits the thread pool of this process to one thread.</summary>
    public static void UseOneThread()
    {
        if (!ThreadPool.SetMinThreads(1, 1) || !ThreadPool.SetMaxThreads(1, 1)) throw new InvalidOperationException("The thread pool cannot be limited to one thread.");
    }

    /// <summary>Runs an event at a time.</summary>
    /// <param name="due">The time, not earlier than <see cref="Now"/>.</param>
    /// <param name="host">The host on which it runs: later if that is stopped, never if it is dead. Null for the broker.</param>
    /// <param name="run">The event.</param>
    public void At(long due, SimulatedHost? host, Action run) => _events.Enqueue(new Event(host, run), (Math.Max(due, Now), ++_lastOrder));

    /// <summary>Runs events until a condition holds. Fails with the error of an event.</summary>
    public Task RunUntilAsync(Func<bool> isOver)
    {
        _isOver = isOver;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return _over.Task;
    }

    public void Execute()
    {
        if (_thread == 0) _thread = Environment.CurrentManagedThreadId;
        try
        {
            if (_thread != Environment.CurrentManagedThreadId) throw new InvalidOperationException("The thread pool has a second thread: the simulation is not repeatable.");
            while (ThreadPool.PendingWorkItemCount == 0)
            {
                if (_isOver())
                {
                    _over.SetResult();
                    return;
                }

                RunNext();
            }

            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false); // after the work that is queued now
        }
        catch (Exception error)
        {
            _over.SetException(error);
        }
    }

    private void RunNext()
    {
        if (!_events.TryDequeue(out var next, out var at)) throw new InvalidOperationException("Nothing is left to happen, and the simulation is not over.");
        Now = at.Due;
        if (next.Host is { } host)
        {
            if (host.IsDead) return;
            if (host.StoppedUntil > Now)
            {
                _events.Enqueue(next, (host.StoppedUntil, at.Order));
                return;
            }
        }

        Events++;
        next.Run();
    }

    private readonly record struct Event(SimulatedHost? Host, Action Run);
}
