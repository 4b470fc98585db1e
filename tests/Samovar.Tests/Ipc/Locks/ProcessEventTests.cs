using System.Runtime.Versioning;
using Samovar.Ipc;
using Samovar.Ipc.Platform;
using Samovar.Tests.Ipc.Shared;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Ipc.Locks;

/// <summary>Events and countdowns, in one process and over two. On both platforms.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class ProcessEventTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Platforms => LockKinds.Platforms;

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task A_manual_one_lets_all_go_until_it_is_reset(string platform)
    {
        using var tested = new ProcessEvent(false, EventResetMode.ManualReset, null, LockKinds.Store(platform));
        tested.Wait(LockKinds.Moment).ShouldBeFalse();
        (await tested.WaitAsync(LockKinds.Moment)).ShouldBeFalse();
        var waits = Enumerable.Range(0, 4).Select(i => i % 2 == 0 ? tested.WaitAsync().AsTask() : TestSupport.OnOwnThread(() => tested.Wait())).ToArray();
        tested.Set();
        await Task.WhenAll(waits).WaitAsync(TestTimeout.Wait);
        tested.IsSet.ShouldBeTrue();
        tested.Wait(TimeSpan.Zero).ShouldBeTrue();
        tested.Reset();
        tested.IsSet.ShouldBeFalse();
        tested.Wait(TimeSpan.Zero).ShouldBeFalse();
    }

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task Waiters_of_a_manual_event_are_released_though_it_is_reset_at_once(string platform)
    {
        using var tested = new ProcessEvent(false, EventResetMode.ManualReset, null, LockKinds.Store(platform));
        for (int i = 0; i < 20; i++)
        {
            var waiting = tested.WaitAsync().AsTask();
            tested.Set();
            tested.Reset();
            await waiting.WaitAsync(TestTimeout.Wait);
            tested.Wait(TimeSpan.Zero).ShouldBeFalse();
        }
    }

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task An_automatic_one_lets_one_go_each_time_and_a_cancelled_waiter_takes_nothing_with_it(string platform)
    {
        using var tested = new ProcessEvent(true, EventResetMode.AutoReset, null, LockKinds.Store(platform));
        tested.Wait(TimeSpan.Zero).ShouldBeTrue();
        tested.Wait(LockKinds.Moment).ShouldBeFalse();
        using var source = new CancellationTokenSource();
        var canceled = tested.WaitAsync(source.Token).AsTask();
        var first = tested.WaitAsync().AsTask();
        var second = tested.WaitAsync().AsTask();
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => canceled.WaitAsync(TestTimeout.Wait));
        tested.Set();
        await first.WaitAsync(TestTimeout.Wait);
        second.IsCompleted.ShouldBeFalse();
        tested.Set();
        await second.WaitAsync(TestTimeout.Wait);
        tested.Set();
        tested.Set(); // set is set
        tested.Wait(TimeSpan.Zero).ShouldBeTrue();
        tested.IsSet.ShouldBeFalse();
        tested.Set();
        tested.Reset();
        tested.Wait(TimeSpan.Zero).ShouldBeFalse();
    }

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task Two_processes_answer_each_other(string platform)
    {
        int rounds = platform == nameof(ChannelKind.Linux) ? 1_000 : 10;
        var store = LockKinds.Store(platform);
        using var ping = new ProcessEvent(false, EventResetMode.AutoReset, null, store);
        using var pong = new ProcessEvent(false, EventResetMode.AutoReset, null, store);
        var child = ChildProcess.Start(() =>
        {
            for (int i = 0; i < rounds; i++)
            {
                ping.Wait();
                pong.Set();
            }
        });
        for (int i = 0; i < rounds; i++)
        {
            ping.Set();
            (await pong.WaitAsync(TestTimeout.Wait)).ShouldBeTrue();
        }

        await child.JoinAsync(Token);
    }

    [ProcessFact]
    public void An_event_keeps_its_mode_wherever_it_is_opened()
    {
        using var tested = new ProcessEvent(mode: EventResetMode.AutoReset, name: OwnNames.Own("an-event"));
        using var same = ProcessEvent.Open(OwnNames.Own("an-event"));
        same.Mode.ShouldBe(EventResetMode.AutoReset);
        same.Set();
        tested.Wait(TimeSpan.Zero).ShouldBeTrue();
        same.IsSet.ShouldBeFalse();
        Should.Throw<ArgumentOutOfRangeException>(() => new ProcessEvent(mode: (EventResetMode)7));
    }

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task A_countdown_lets_all_go_at_zero_over_processes(string platform)
    {
        using var tested = new ProcessCountdown(3, null, LockKinds.Store(platform));
        var waits = Enumerable.Range(0, 2).Select(i => i == 0 ? tested.WaitAsync().AsTask() : TestSupport.OnOwnThread(() => tested.Wait())).ToArray();
        tested.Signal().ShouldBeFalse();
        (await ChildProcess.Start(() => tested.Signal()).JoinAsync(Token)).ShouldBeFalse();
        tested.Wait(LockKinds.Moment).ShouldBeFalse();
        tested.CurrentCount.ShouldBe(1);
        waits.ShouldAllBe(w => !w.IsCompleted);
        (await ChildProcess.Start(() => tested.Signal()).JoinAsync(Token)).ShouldBeTrue();
        await Task.WhenAll(waits).WaitAsync(TestTimeout.Wait);
        tested.IsSet.ShouldBeTrue();
    }

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task Waiters_of_a_countdown_are_released_at_zero_though_it_is_reset_at_once(string platform)
    {
        using var tested = new ProcessCountdown(1, null, LockKinds.Store(platform));
        var waiting = tested.WaitAsync().AsTask();
        tested.Signal();
        tested.Reset();
        await waiting.WaitAsync(TestTimeout.Wait);
        tested.CurrentCount.ShouldBe(1);
        tested.AddCount(2);
        Should.Throw<InvalidOperationException>(() => tested.Signal(4)).Message.ShouldStartWith("The countdown is at 3; it cannot be decreased by 4");
        tested.Signal(3).ShouldBeTrue();
        tested.TryAddCount().ShouldBeFalse();
        Should.Throw<InvalidOperationException>(() => tested.AddCount());
        Should.Throw<InvalidOperationException>(() => tested.Signal());
        tested.Reset(5);
        tested.CurrentCount.ShouldBe(5);
        tested.InitialCount.ShouldBe(1);
        tested.Reset(0);
        tested.Wait(TimeSpan.Zero).ShouldBeTrue();
    }
}
