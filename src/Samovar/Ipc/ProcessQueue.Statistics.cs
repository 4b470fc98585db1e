using Samovar.Ipc.Queues;

namespace Samovar.Ipc;

public sealed partial class ProcessQueue<T>
{
    private readonly QueueRates _rates = new();

    /// <summary>What the queue has done and is doing.</summary>
    public ProcessQueueStatistics GetStatistics()
    {
        QueueState state = State;
        long put = 0, givenOut = 0, dropped = 0, lost = 0;
        for (int i = 0, used = state.LanesUsed; i < used; i++)
        {
            QueueLane lane = state.Lane(i);
            givenOut += lane.GivenOut;
            put += lane.Put;
            dropped += lane.Dropped;
            lost += lane.Lost;
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
            PutsBrokenOff = state.PutsBrokenOff,
            Abandoned = state.Abandoned,
            Processes = Participants,
            WaitersHere = state.Items.Waiters + state.Room.Waiters + state.Done.Waiters,
            PutRate = putRate,
            TakeRate = takeRate,
            IsCompleted = state.IsCompleted,
        };
        GC.KeepAlive(this);
        return statistics;
    }
}
