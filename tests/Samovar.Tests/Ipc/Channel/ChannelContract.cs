using Samovar.Ipc;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;

namespace Samovar.Tests.Ipc.Channel;

/// <summary>What every kind of channel does. Both ends are in this process; Processes/ has them in two.</summary>
public abstract class ChannelContract : IDisposable
{
    private static readonly ChannelSizes s_small = new() { WorkCapacity = 4096, ResultsCapacity = 4096, Slots = 2 };
    private readonly ParentBell _bell;
    private readonly ParentChannel _parent;
    private readonly WorkerChannel _worker;

    private protected ChannelContract(ChannelPlatform platform)
    {
        Platform = platform;
        _bell = new ParentBell(platform);
        _parent = new ParentChannel(_bell, s_small) { WorkerId = Environment.ProcessId };
        var invitation = ChannelInvitation.TryParse(_parent.Invitation.ToString());
        invitation.ShouldBe(_parent.Invitation);
        _worker = WorkerChannel.Open(platform, invitation!);
        _parent.RemoveNames();
    }

    private protected ChannelPlatform Platform { get; }

    [ThreadFact]
    public void Messages_cross_both_ways()
    {
        _parent.Work.TryWrite([1], 10).ShouldBeTrue();
        _worker.Work.TryRead(out RingMessage work).ShouldBeTrue();
        work.Payload[0].ShouldBe((byte)1);
        _worker.Results.TryWrite([2], 20).ShouldBeTrue();
        _parent.Results.TryRead(out RingMessage result).ShouldBeTrue();
        result.Tag.ShouldBe((ushort)20);
    }

    [ThreadFact]
    public void Slots_are_the_same_words_on_both_sides()
    {
        _parent.Slots.TrySend(out ItemTicket first).ShouldBeTrue();
        _parent.Slots.TrySend(out ItemTicket second).ShouldBeTrue();
        _worker.Slots.TryStart(first, now: 1).ShouldBeTrue();
        _parent.Slots.TryRevoke(first).ShouldBeFalse();
        _parent.Slots.TryRevoke(second).ShouldBeTrue();
        _worker.Slots.TryStart(second, now: 1).ShouldBeFalse();
    }

    [ThreadFact]
    public async Task A_sleeping_worker_is_woken_by_work_and_a_sleeping_parent_by_results()
    {
        Task echo = Task.Run(
            () =>
            {
                Func<bool> ready = () => _worker.Work.HasRecord;
                for (int i = 0; i < 100; i++)
                {
                    _worker.Bell.Wait(ready, Timeout.InfiniteTimeSpan).ShouldBe(WaitOutcome.Ready);
                    _worker.Work.TryRead(out RingMessage message).ShouldBeTrue();
                    _worker.Results.TryWrite(message.Payload, message.Tag).ShouldBeTrue();
                    _worker.Work.Release();
                    _worker.ParentBell.Ring();
                }
            }, TestContext.Current.CancellationToken);
        Func<bool> answered = () => _parent.Results.HasRecord;
        for (ushort i = 0; i < 100; i++)
        {
            _parent.Work.TryWrite([(byte)i], i).ShouldBeTrue();
            _parent.WorkerBell.Ring();
            _bell.Sleeper.Wait(answered, Timeout.InfiniteTimeSpan).ShouldBe(WaitOutcome.Ready);
            _parent.Results.TryRead(out RingMessage result).ShouldBeTrue();
            result.Tag.ShouldBe(i);
            _parent.Results.Release();
        }

        await echo;
    }

    [ThreadFact]
    public async Task A_wait_can_be_interrupted_and_continues_afterwards()
    {
        Task<WaitOutcome> waiting = Task.Run(() => _bell.Sleeper.Wait(() => false, Timeout.InfiniteTimeSpan), TestContext.Current.CancellationToken);
        _bell.Sleeper.Interrupt();
        (await waiting).ShouldBe(WaitOutcome.Interrupted);
        _bell.Sleeper.Wait(() => true, Timeout.InfiniteTimeSpan).ShouldBe(WaitOutcome.Ready);

        _bell.Sleeper.Interrupt();
        _bell.Sleeper.Wait(() => false, Timeout.InfiniteTimeSpan).ShouldBe(WaitOutcome.Interrupted, "an interrupt before the wait counts");
    }

    [ThreadFact]
    public void A_caller_does_not_replace_a_sleeper_that_is_awake() => _bell.Sleeper.TryTakeOver().ShouldBeFalse();

    [ThreadFact]
    public async Task A_sleeper_learns_at_the_end_of_a_stand_in_what_came_meanwhile()
    {
        Func<bool> answered = () => _parent.Results.HasRecord;
        Task<WaitOutcome> waiting = Task.Run(() => _bell.Sleeper.Wait(answered, Timeout.InfiniteTimeSpan), TestContext.Current.CancellationToken);
        await TestTimeout.UntilAsync(_bell.Sleeper.TryTakeOver);

        _worker.Results.TryWrite([1], 1).ShouldBeTrue();
        _worker.ParentBell.Ring();
        _bell.Sleeper.EndTakeOver(answered);

        (await waiting).ShouldBe(WaitOutcome.Ready);
    }

    [ThreadFact]
    public async Task An_interrupt_during_a_stand_in_reaches_the_sleeper_at_its_end()
    {
        Task<WaitOutcome> waiting = Task.Run(() => _bell.Sleeper.Wait(() => false, Timeout.InfiniteTimeSpan), TestContext.Current.CancellationToken);
        await TestTimeout.UntilAsync(_bell.Sleeper.TryTakeOver);

        _bell.Sleeper.Interrupt();
        _bell.Sleeper.EndTakeOver(() => false);

        (await waiting).ShouldBe(WaitOutcome.Interrupted);
    }

    [ThreadFact]
    public void A_wait_times_out()
    {
        _bell.Sleeper.Wait(() => false, TimeSpan.FromMilliseconds(5)).ShouldBe(WaitOutcome.TimedOut);
        _bell.Sleeper.Wait(() => false, TimeSpan.Zero).ShouldBe(WaitOutcome.TimedOut);
    }

    [ThreadFact]
    public void Ringing_without_a_sleeper_does_nothing()
    {
        for (int i = 0; i < 1000; i++) _worker.ParentBell.Ring();
        _bell.Sleeper.Wait(() => false, TimeSpan.Zero).ShouldBe(WaitOutcome.TimedOut);
        _bell.Sleeper.Sleeps.ShouldBe(0);
    }

    [ThreadFact]
    public void A_large_message_travels_in_a_segment_of_its_own_which_is_returned()
    {
        const int length = 1_000_000;
        SharedSegment segment = _parent.LargeWork.CreateSegment(length);
        Fill(segment, 0x5A);
        _parent.LargeWork.TryWrite(segment, tag: 4).ShouldBeTrue();

        _worker.Work.TryRead(out RingMessage message).ShouldBeTrue();
        message.Kind.ShouldBe(RingRecordKind.Large);
        using (LargeMessage large = _worker.OpenLarge(message))
        {
            _worker.Work.Release();
            large.Bytes.Length.ShouldBe(length);
            large.Bytes.ContainsAnyExcept((byte)0x5A).ShouldBeFalse();
        }

        _parent.LargeWork.Unread.ShouldBe(1);
        _parent.LargeWork.Reclaim();
        _parent.LargeWork.Unread.ShouldBe(0);
    }

    [ThreadTheory]
    [InlineData(long.MaxValue, 4096)]
    [InlineData(-1, 4096)]
    [InlineData(0, 4096)]
    [InlineData(99_999, 4096)]
    [InlineData(1, 0)]
    [InlineData(1, -4096)]
    [InlineData(1, long.MaxValue)]
    public void A_forged_reference_to_a_large_message_is_an_error(long number, long length)
    {
        var reference = new LargeMessage.Reference(number, length);
        _worker.Results.TryWrite(System.Runtime.InteropServices.MemoryMarshal.AsBytes(new ReadOnlySpan<LargeMessage.Reference>(in reference)), 0, RingRecordKind.Large).ShouldBeTrue();
        Should.Throw<IOException>(() =>
        {
            _parent.Results.TryRead(out RingMessage message).ShouldBeTrue();
            _parent.OpenLarge(message).Dispose();
        });
    }

    [ThreadFact]
    public void A_reference_with_another_length_than_its_segment_is_an_error()
    {
        using SharedSegment segment = Platform.CreateSegment(8192);
        var reference = new LargeMessage.Reference(segment.Address.Number, 4096);
        _worker.Results.TryWrite(System.Runtime.InteropServices.MemoryMarshal.AsBytes(new ReadOnlySpan<LargeMessage.Reference>(in reference)), 0, RingRecordKind.Large).ShouldBeTrue();
        Should.Throw<ChannelCorruptedException>(() =>
        {
            _parent.Results.TryRead(out RingMessage message).ShouldBeTrue();
            _parent.OpenLarge(message).Dispose();
        });
    }

    public void Dispose()
    {
        _worker.Dispose();
        _parent.Dispose();
        _bell.Dispose();
        AssertNothingLeft();
        GC.SuppressFinalize(this);
    }

    private protected abstract void AssertNothingLeft();

    private static unsafe void Fill(SharedSegment segment, byte value) => new Span<byte>(segment.Start, (int)segment.Length).Fill(value);
}
