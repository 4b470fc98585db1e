using Samovar.Ipc.Queues;

namespace Samovar.Ipc;

public sealed partial class ProcessQueue<T>
{
    private readonly QueueRates _rates = new();

    /// <summary>Gets a snapshot of the queue's counts and rates.</summary>
    /// <exception cref="ObjectDisposedException">The queue was disposed in this process.</exception>
    public ProcessQueueStatistics GetStatistics()
    {
        QueueState state = State;
        QueueCounts counts = state.ReadCounts();
        long taken = state.TakenOf(counts);
        (double putRate, double takeRate) = _rates.Advance(counts.Put, taken);
        var statistics = new ProcessQueueStatistics
        {
            Capacity = Capacity,
            Waiting = counts.Waiting,
            Put = counts.Put,
            Taken = taken,
            Dropped = counts.Dropped,
            Lost = counts.Lost,
            AbortedWrites = state.AbortedWrites,
            Abandoned = state.Abandoned,
            Processes = RegisteredProcesses,
            LocalWaiters = state.Items.Waiters + state.Room.Waiters + state.Done.Waiters,
            PutRate = putRate,
            TakeRate = takeRate,
            IsCompleted = state.IsCompleted,
        };
        GC.KeepAlive(this);
        return statistics;
    }
}
