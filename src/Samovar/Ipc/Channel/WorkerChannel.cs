using Samovar.Ipc.Platform;
using Samovar.Primitives;

namespace Samovar.Ipc.Channel;

/// <summary>The worker's end of its channel.</summary>
/// <remarks>
/// <see cref="Work"/>, <see cref="Bell"/>, <see cref="Journal"/> and <see cref="OpenLarge"/> are for the worker's main loop; <see cref="Results"/>
/// and <see cref="LargeResults"/> for one thread at a time; <see cref="Slots"/> and <see cref="ParentBell"/> for any thread.
/// </remarks>
internal sealed unsafe class WorkerChannel : IDisposable
{
    private readonly ChannelPlatform _platform;
    private readonly ChannelSegment _segment;
    private readonly SharedSegment _bellSegment;
    private readonly WakeLink _link;

    private WorkerChannel(
        ChannelPlatform platform, ChannelSegment segment, SharedSegment bell, Func<DoorbellSleeper, WakeLink> connect, SpinPolicy spin)
    {
        _platform = platform;
        _segment = segment;
        _bellSegment = bell;
        Bell = platform.CreateSleeper(segment.WorkerBell, spin);
        _link = connect(Bell);
        ParentBell = _link.CreateRinger((uint*)bell.At(Ipc.Channel.ParentBell.WordOffset, sizeof(uint)));
        Work = new MessageRingReader(segment.Work);
        Results = new MessageRingWriter(segment.Results);
        LargeResults = new LargeMessageSender(platform, Results);
        Journal = new ItemJournal(segment.Journal, ChannelSizes.JournalLength);
        Slots = new WorkerSlots(new SlotWords(segment.Slots, segment.Sizes.Slots));
    }

    public MessageRingReader Work { get; }

    public MessageRingWriter Results { get; }

    public LargeMessageSender LargeResults { get; }

    public WorkerSlots Slots { get; }

    /// <summary>Where this worker keeps the results of its batch's items.</summary>
    public ItemJournal Journal { get; }

    /// <summary>Where the worker waits for work.</summary>
    public DoorbellSleeper Bell { get; }

    /// <summary>Rings the parent.</summary>
    public DoorbellRinger ParentBell { get; }

    public int ParentId => _segment.ParentId;

    public ChannelCookie Cookie => _segment.Cookie;

    /// <summary>The worker's progress in starting, shown to the parent.</summary>
    public int StartStep
    {
        get => _segment.StartStep;
        set => _segment.StartStep = value;
    }

    /// <summary>Shows the parent whether the main loop waits for work. Set when the results of all started items are sent, cleared before an item
    /// starts.</summary>
    public bool IsIdle
    {
        set => _segment.IsWorkerIdle = value;
    }

    /// <summary>Completes when the socket to the parent is closed; never on Linux.</summary>
    public Task PeerGone => _link.PeerGone;

    /// <summary>Opens what the parent prepared, and removes its names.</summary>
    /// <exception cref="IOException">It no longer exists: the parent has exited or has stopped waiting for this worker.</exception>
    /// <exception cref="ChannelCorruptedException">It is not a channel, or of another build.</exception>
    public static WorkerChannel Open(ChannelPlatform platform, ChannelInvitation invitation, SpinPolicy? spin = null)
    {
        SharedSegment? memory = null, bell = null;
        try
        {
            memory = platform.OpenSegment(invitation.Segment, invitation.SegmentLength, SegmentUse.Share);
            memory.RemoveName();
            bell = platform.OpenSegment(invitation.Bell, Ipc.Channel.ParentBell.SegmentLength, SegmentUse.Share);
            ChannelSegment segment = ChannelSegment.Open(memory, invitation.Cookie);
            return new WorkerChannel(platform, segment, bell,
                sleeper => platform.Connect(invitation.Segment, invitation.Cookie, sleeper), spin ?? SpinPolicy.Processes);
        }
        catch
        {
            bell?.Dispose();
            memory?.Dispose();
            throw;
        }
    }

    /// <summary>Opens the large message that a record of <see cref="Work"/> refers to. Called before the record is released.</summary>
    public LargeMessage OpenLarge(RingMessage message) => LargeMessage.Open(_platform, message, ParentId);

    /// <summary>Gets the bytes of a record of <see cref="Work"/>, in the ring or in a segment. Called before the record is released.</summary>
    /// <exception cref="ChannelCorruptedException">See <see cref="LargeMessage.Open"/>.</exception>
    /// <exception cref="IOException">See <see cref="LargeMessage.Open"/>.</exception>
    public OpenMessage Open(RingMessage message) => message.Kind == RingRecordKind.Large ? new(OpenLarge(message)) : new(message.Payload);

    /// <summary>How many large messages of <see cref="Results"/> the parent has opened.</summary>
    public long LargeOpened => _segment.LargeOpened;

    /// <summary>Whether a large message that the parent has not opened is lost when this process exits.</summary>
    public bool LosesLargeMessages => _platform.Kind == ChannelKind.Linux;

    /// <summary>Opens a segment that the parent has named in a message.</summary>
    /// <exception cref="IOException">It cannot be opened: the parent has released it, or this process has no descriptor left.</exception>
    public SharedSegment OpenSegment(long number, long length, SegmentUse use) =>
        _platform.OpenSegment(new SegmentAddress(ParentId, number), length, use);

    /// <summary>Removes the names that the parent has left. Called after the parent has exited.</summary>
    public void RemoveNames() => _bellSegment.RemoveName();

    public void Dispose()
    {
        LargeResults.Dispose();
        _link.Dispose();
        Bell.Dispose();
        _bellSegment.Dispose();
        _segment.Dispose();
    }
}
