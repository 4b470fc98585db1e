using Samovar.Diagnostics.Inspection;
using Samovar.Ipc.Platform;

namespace Samovar.Ipc.Queues;

/// <content>The counts of the queue.</content>
internal sealed unsafe partial class QueueState : IInspectedPrimitive
{
    /// <summary>Reads the counts without stopping any process, so they may be inconsistent by an item.</summary>
    public QueueCounts ReadCounts()
    {
        long put = 0, givenOut = 0, dropped = 0, lost = 0;
        for (int i = 0, used = RingsUsed; i < used; i++)
        {
            var ring = Ring(i);
            givenOut += ring.GivenOut;
            put += ring.Put;
            dropped += ring.Dropped;
            lost += ring.Lost;
        }

        return new QueueCounts(put, givenOut, dropped, lost);
    }

    /// <summary>How many items were taken, of those that the counts have.</summary>
    public long TakenOf(in QueueCounts counts) => counts.GivenOut - counts.Lost - (Layout.FullMode == ProcessQueueFullMode.DropOldest ? counts.Dropped : 0);

    /// <inheritdoc/>
    public PrimitiveActivity CapturePrimitive()
    {
        var counts = ReadCounts();
        var format = _region.Format;
        return new PrimitiveActivity(format.Kind == SharedKind.Pipe ? "pipe" : "queue", format.Name, IsCompleted ? "completed" : "open")
        {
            Id = -_region.Number,
            IsShared = true,
            Count = counts.Waiting,
            Capacity = Layout.Capacity,
            Waiting = Items.Waiters,
            Putting = Room.Waiters,
            Put = counts.Put,
            Taken = TakenOf(counts),
            Lost = counts.Dropped + counts.Lost,
            Processes = Enumerable.Range(0, Registration.Table.Capacity).Count(i => Registration.Table[i] is not null),
        };
    }
}
