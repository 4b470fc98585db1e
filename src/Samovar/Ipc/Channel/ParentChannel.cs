using Samovar.Ipc.Platform;
using Samovar.Ipc.Platform.Portable;

namespace Samovar.Ipc.Channel;

/// <summary>The parent's end of the private channel to one worker.</summary>
/// <remarks>
/// Access rules:
/// <list type="number">
/// <item><see cref="Work"/>, <see cref="LargeWork"/> and <see cref="Slots"/> (except for the members that it names): one thread at a time, under one
/// lock of the channel's owner.</item>
/// <item><see cref="Results"/>, <see cref="Open"/> and <see cref="OpenLarge"/>: the draining thread only.</item>
/// <item><see cref="WorkerBell"/>: any thread, but also under that lock, or while something else keeps the channel from being disposed.</item>
/// <item><see cref="Dispose"/>: the owner, holding that lock, during or after the draining thread's last look. It unmaps the memory; any later access
/// crashes the process.</item>
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

    /// <summary>The worker's process id, set when it has started; <see cref="OpenLarge"/> opens segments of this process only.</summary>
    public int WorkerId { get; set; }

    /// <summary>The worker's progress in starting, see WorkerStartStep. It can be any number, since the worker writes it.</summary>
    public int StartStep => _segment.StartStep;

    /// <summary>Whether the worker reports that it waits for work, so that the results of all items that it has started are in <see cref="Results"/>.
    /// Read a slot first, then this, and the ring last.</summary>
    public bool IsWorkerIdle => _segment.IsWorkerIdle;

    /// <summary>Completes when the socket to the worker is closed. It never completes on Linux, where a pidfd reports the worker's exit.</summary>
    public Task PeerGone => _link.PeerGone;

    /// <summary>What the worker needs to open this channel.</summary>
    public ChannelInvitation Invitation => new(
        Bell.Platform.Kind, _segment.Address.OwnerId, _segment.Address.Number, _segment.Length, Bell.Address.Number, _segment.Cookie,
        (Bell.Platform as PortableChannelPlatform)?.Directory ?? "");

    /// <summary>
    /// Opens the large message that a record of <see cref="Results"/> refers to. Called before the record is released.
    /// </summary>
    public LargeMessage OpenLarge(RingMessage message)
    {
        var large = LargeMessage.Open(Bell.Platform, message, WorkerId);
        _segment.LargeOpened = ++_largeOpened;
        return large;
    }

    /// <summary>Gets the bytes of a record of <see cref="Results"/>, in the ring or in a segment. Called before the record is released.</summary>
    /// <exception cref="ChannelCorruptedException">See <see cref="LargeMessage.Open"/>.</exception>
    /// <exception cref="IOException">See <see cref="LargeMessage.Open"/>.</exception>
    public OpenMessage Open(RingMessage message) => message.Kind == RingRecordKind.Large ? new(OpenLarge(message)) : new(message.Payload);

    /// <summary>Writes a message into <see cref="Work"/>, or into a segment of its own if it is too large.</summary>
    /// <returns>False if the ring has no room.</returns>
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

    /// <summary>Reads the worker's journal of a batch. Called after the worker has exited.</summary>
    public ItemJournalCopy ReadJournal(ItemTicket ticket) => ItemJournalCopy.Of(_segment.Journal, ChannelSizes.JournalLength, ticket);

    /// <summary>Removes the names that a portable channel needed. Called after the worker has opened everything.</summary>
    public void RemoveNames() => _segment.RemoveName();

    public void Dispose()
    {
        LargeWork.Dispose();
        _link.Dispose();
        _segment.Dispose();
    }
}
