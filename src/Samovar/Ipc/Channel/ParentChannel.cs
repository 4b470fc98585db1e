using Samovar.Ipc.Platform;
using Samovar.Ipc.Platform.Portable;

namespace Samovar.Ipc.Channel;

/// <summary>The parent's end of the private channel to one worker.</summary>
/// <remarks>
/// Who may touch what:
/// <list type="number">
/// <item><see cref="Work"/>, <see cref="LargeWork"/> and <see cref="Slots"/> (but for the members it names): one thread at a
/// time, under one lock that belongs to the channel's owner.</item>
/// <item><see cref="Results"/>, <see cref="Open"/> and <see cref="OpenLarge"/>: the draining thread alone.</item>
/// <item><see cref="WorkerBell"/>: any thread, but under that lock too, or while something else keeps the channel from being
/// disposed.</item>
/// <item><see cref="Dispose"/>: the owner, holding that lock, on or after the draining thread's last look. It unmaps the
/// memory, and whoever touches it afterwards takes the process down.</item>
/// </list>
/// </remarks>
internal sealed unsafe class ParentChannel : IDisposable
{
    private readonly ChannelSegment _segment;
    private readonly WakeLink _link;
    private long _largeOpened;

    public ParentChannel(ParentBell bell, ChannelSizes? sizes = null)
    {
        sizes ??= new ChannelSizes();
        sizes.Validate();
        Bell = bell;
        SharedSegment memory = bell.Platform.CreateSegment(sizes.SegmentLength);
        try
        {
            _segment = ChannelSegment.Create(memory, sizes, Environment.ProcessId);
            _link = bell.Platform.Listen(memory.Address.Number, _segment.Cookie, bell.Sleeper);
        }
        catch
        {
            memory.Dispose();
            throw;
        }

        Work = new MessageRingWriter(_segment.Work);
        LargeWork = new LargeMessageSender(bell.Platform, Work);
        Results = new MessageRingReader(_segment.Results);
        Slots = new ParentSlots(new SlotWords(_segment.Slots, sizes.Slots));
        WorkerBell = _link.CreateRinger(_segment.WorkerBell);
    }

    public ParentBell Bell { get; }

    public MessageRingWriter Work { get; }

    public LargeMessageSender LargeWork { get; }

    public MessageRingReader Results { get; }

    public ParentSlots Slots { get; }

    public DoorbellRinger WorkerBell { get; }

    public ChannelCookie Cookie => _segment.Cookie;

    /// <summary>Whose segments <see cref="OpenLarge"/> opens: the worker's process id, set when it has started.</summary>
    public int WorkerId { get; set; }

    /// <summary>How far the worker says it has come; see WorkerStartStep. Any number may stand there.</summary>
    public int StartStep => _segment.StartStep;

    /// <summary>Whether the worker says that it waits for work: then it has begun nothing whose result is not in <see cref="Results"/>. Look at a
    /// slot first, at this then, and at the ring last.</summary>
    public bool IsWorkerIdle => _segment.IsWorkerIdle;

    /// <summary>Completes when a socket to the worker ends; on Linux it never does, a pidfd tells there.</summary>
    public Task PeerGone => _link.PeerGone;

    /// <summary>What the worker needs to open this channel.</summary>
    public ChannelInvitation Invitation => new(
        Bell.Platform.Kind, _segment.Address.OwnerId, _segment.Address.Number, _segment.Length, Bell.Address.Number, _segment.Cookie,
        (Bell.Platform as PortableChannelPlatform)?.Directory ?? "");

    /// <summary>
    /// Opens the large message that a record of <see cref="Results"/> refers to; before the record is released.
    /// </summary>
    public LargeMessage OpenLarge(RingMessage message)
    {
        var large = LargeMessage.Open(Bell.Platform, message, WorkerId);
        _segment.LargeOpened = ++_largeOpened;
        return large;
    }

    /// <summary>Gives the bytes of a record of <see cref="Results"/>, wherever they are; before the record is released.</summary>
    /// <exception cref="ChannelCorruptedException">See <see cref="LargeMessage.Open"/>.</exception>
    /// <exception cref="IOException">See there.</exception>
    public OpenMessage Open(RingMessage message) => message.Kind == RingRecordKind.Large ? new(OpenLarge(message)) : new(message.Payload);

    /// <summary>Writes a message into <see cref="Work"/>, or into a segment of its own where it is too large for that.</summary>
    /// <returns>False where the ring has no room now.</returns>
    /// <exception cref="IOException">No descriptor, memory or disk space is left.</exception>
    public bool TryWrite(ReadOnlySpan<byte> record, ushort tag)
    {
        if (record.Length <= Work.LargestPayload) return Work.TryWrite(record, tag);
        SharedSegment segment = LargeWork.CreateSegment(record.Length);
        record.CopyTo(new Span<byte>(segment.Start, record.Length));
        if (LargeWork.TryWrite(segment, tag)) return true;
        segment.Dispose();
        return false;
    }

    /// <summary>What the worker's journal says of a batch; once the worker has ended.</summary>
    public ItemJournalCopy ReadJournal(ItemTicket ticket) => ItemJournalCopy.Of(_segment.Journal, ChannelSizes.JournalLength, ticket);

    /// <summary>The worker has opened everything: names that a portable channel needed are removed.</summary>
    public void RemoveNames() => _segment.RemoveName();

    public void Dispose()
    {
        LargeWork.Dispose();
        _link.Dispose();
        _segment.Dispose();
    }
}
