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
        long put = 0, givenOut = 0, dropped = 0, lost = 0;
        for (int i = 0, used = state.RingsUsed; i < used; i++)
        {
            ProducerRing ring = state.Ring(i);
            givenOut += ring.GivenOut;
            put += ring.Put;
            dropped += ring.Dropped;
            lost += ring.Lost;
        }

        bool dropsOld = state.Layout.FullMode == ProcessQueueFullMode.DropOldest;
        long taken = givenOut - lost - (dropsOld ? dropped : 0);
        (double putRate, double takeRate) = _rates.Advance(put, taken);
        var statistics = new ProcessQueueStatistics
        {
            Capacity = Capacity,
            Waiting = Math.Max(0, put - givenOut),
            Put = put,
            Taken = taken,
            Dropped = dropped,
            Lost = lost,
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
