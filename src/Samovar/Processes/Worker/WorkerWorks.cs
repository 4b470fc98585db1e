using Samovar.Ipc;
using Samovar.Ipc.Channel;
using Samovar.Processes.Protocol;
using Samovar.Serialization;
using Samovar.Serialization.Wire;

namespace Samovar.Processes.Worker;

/// <summary>The work that many tasks share, in a worker: kept as bytes until the first task needs it, and as the deserialized objects from then
/// on.</summary>
/// <remarks>Belongs to the thread that reads the ring, see <see cref="WorkerControl"/>; <see cref="Read"/> is called on the main thread, between
/// hand-overs.</remarks>
internal sealed class WorkerWorks(WorkerChannel channel, ShippingReader reader, WorkerPorts ports)
{
    private readonly Dictionary<int, Work> _works = [];

    /// <summary>Whether there is work that has not been deserialized yet, so that messages for its ports must be kept.</summary>
    public bool HasUnread { get; private set; }

    public void Take(in WorkHeader header, ReadOnlySpan<byte> body)
    {
        _works[header.Number] = new Work(header.Flags, body.ToArray(), ports.ForSharedWork());
        HasUnread = true;
    }

    public void Forget(int number)
    {
        if (_works.Remove(number, out var work)) work.Ports.Close();
        CountUnread();
    }

    /// <summary>Returns the objects of shared work to which messages of its tasks refer. Deserializes the work if that has not been done.</summary>
    /// <param name="number">The number of the work.</param>
    /// <param name="wasRead">Whether this call deserialized the work.</param>
    /// <param name="listens">Whether the work holds live values that may receive messages.</param>
    public object[] Read(int number, out bool wasRead, out bool listens)
    {
        if (!_works.TryGetValue(number, out var work)) throw new ChannelCorruptedException($"A task uses work {number}, which was not sent.");
        wasRead = work.Body is not null;
        if (work.Body is { } body) Decode(work, body);
        listens = work.Ports.HasOpen;
        return work.Objects ?? throw work.Error!;
    }

    // If the segment cannot be opened, for example for lack of a descriptor, or if memory is exhausted, only one task fails: the next task tries
    // again.
    private unsafe void Decode(Work work, byte[] body)
    {
        if ((work.Flags & WorkFlags.IsElsewhere) == WorkFlags.None)
        {
            Decode(work, body.AsSpan());
            return;
        }

        var place = SegmentRecord.Read(body);
        using var segment = channel.OpenSegment(place.Number, place.SegmentLength, place.Use);
        Decode(work, new ReadOnlySpan<byte>(segment.Start, (int)place.Length));
    }

    private void Decode(Work work, ReadOnlySpan<byte> message)
    {
        try
        {
            var wanted = (work.Flags & WorkFlags.IsReferredTo) != WorkFlags.None ? KeptObjects.All : KeptObjects.Root;
            _ = TaskReading.Read(reader, message, work.Ports, [], wanted, out var objects);
            work.Objects = objects;
        }
        catch (ShippingException error)
        {
            work.Error = error; // thrown for each task that uses it: reading the same message again would fail again
        }
        catch (OutOfMemoryException)
        {
            work.Ports.Close(); // the next task connects them again
            throw;
        }

        work.Body = null;
        CountUnread();
    }

    private void CountUnread() => HasUnread = _works.Values.Any(static work => work.Body is not null);

    private sealed class Work(WorkFlags flags, byte[] body, WorkerPorts.Group ports)
    {
        public WorkFlags Flags => flags;

        /// <summary>The bytes of the work; null after they were deserialized, or if they cannot be.</summary>
        public byte[]? Body { get; set; } = body;

        public object[]? Objects { get; set; }

        public Exception? Error { get; set; }

        public WorkerPorts.Group Ports => ports;
    }
}
