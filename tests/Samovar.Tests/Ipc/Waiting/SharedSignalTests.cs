using System.Runtime.Versioning;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Waiting;
using Samovar.Primitives;
using Samovar.Tests.Ipc.Shared;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Ipc.Waiting;

/// <summary>Waiting at a word: in one process, across several, and with waiters that die.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class SharedSignalTests
{
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(5);

    public static TheoryData<string> Kinds => [nameof(ChannelKind.Linux), nameof(ChannelKind.Portable)];

    [ProcessTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_sleeper_is_woken_by_what_it_waits_for(string platform)
    {
        using var tested = Build(platform);
        var waiting = TestSupport.OnOwnThread(() => tested.Wait().ShouldBeTrue());
        await TestTimeout.UntilAsync(() => tested.Signal.Waiters == 1);
        tested.Put();
        await waiting.WaitAsync(TestTimeout.Wait);
        tested.Signal.Waiters.ShouldBe(0);
    }

    [ProcessTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_token_ends_a_sleep_and_leaves_others_asleep(string platform)
    {
        using var tested = Build(platform);
        using var source = new CancellationTokenSource();
        var canceled = TestSupport.OnOwnThread(() => Should.Throw<OperationCanceledException>(() => tested.Wait(token: source.Token))
            .CancellationToken.ShouldBe(source.Token));
        var other = TestSupport.OnOwnThread(() => tested.Wait());
        await TestTimeout.UntilAsync(() => tested.Signal.Waiters == 2);
        await source.CancelAsync();
        await canceled.WaitAsync(TestTimeout.Wait);
        other.IsCompleted.ShouldBeFalse();
        tested.Put();
        await other.WaitAsync(TestTimeout.Wait);
    }

    [ProcessTheory]
    [InlineData(null, nameof(WaitOrder.Takes), true)]
    [InlineData(null, nameof(WaitOrder.Looks), true)]
    [InlineData(null, nameof(WaitOrder.None), false)] // not a wait of a reader or writer
    [InlineData(typeof(SynchronizationContext), nameof(WaitOrder.Takes), false)]
    [InlineData(typeof(SpinContext), nameof(WaitOrder.Takes), true)]
    [InlineData(typeof(OccupiedContext), nameof(WaitOrder.Takes), false)]
    public Task An_asynchronous_wait_of_a_reader_or_writer_spins_where_no_other_callback_waits_for_the_thread(Type? context, string order, bool spins) => TestSupport.OnOwnThread(() =>
    {
        using var tested = new SignalUnderTest(ChannelKind.Portable, new SpinPolicy(2));
        SynchronizationContext.SetSynchronizationContext(context is null ? null : (SynchronizationContext)Activator.CreateInstance(context)!);
        int thread = Environment.CurrentManagedThreadId, looks = 0;

        // The thread that sleeps for the wait never finds it ready.
        var waiting = tested.Signal.WaitAsync(
            0, _ => Environment.CurrentManagedThreadId == thread && ++looks > 1, Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None, Enum.Parse<WaitOrder>(order));

        waiting.IsCompletedSuccessfully.ShouldBe(spins);
        looks.ShouldBe(spins ? 2 : 1);
    });

    [ProcessFact]
    public Task The_first_asynchronous_waits_spin_only_briefly() => TestSupport.OnOwnThread(() =>
    {
        using var tested = new SignalUnderTest(ChannelKind.Portable, new SpinPolicy(2));
        int thread = Environment.CurrentManagedThreadId, looks = 0;

        var waiting = tested.Signal.WaitAsync(
            0, _ => Environment.CurrentManagedThreadId == thread && ++looks < 0, Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None, WaitOrder.Takes);

        waiting.IsCompleted.ShouldBeFalse();
        looks.ShouldBe(1 + SpinPolicy.ShortSpinLooks);
    });

    [ProcessFact]
    public async Task Code_whose_waits_all_complete_during_their_spin_does_not_keep_timers_of_its_loop_and_callbacks_of_its_task_from_running()
    {
        using var tested = new SignalUnderTest(ChannelKind.Portable, new SpinPolicy(2));
        EventLoop.Run(async () => await UntilAsync(EventLoop.SleepAsync(s_moment).AsTask()));

        await using var threads = new ThreadExecutor(new() { Workers = 1 });
        await threads.Submit(async () => await UntilAsync(PauseAsync()));

        async Task UntilAsync(Task end)
        {
            int looks = 0;
            while (!end.IsCompleted)
            {
                (await tested.Signal.WaitAsync(
                    0, _ => ++looks % 2 == 0, Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None, WaitOrder.Takes)).ShouldBeTrue();
            }
        }

        static async Task PauseAsync() => await Task.Delay(s_moment); // continues as a callback of the task
    }

    [ProcessFact]
    public async Task A_wait_that_no_thread_can_be_found_for_throws_and_leaves_the_order()
    {
        using var memory = new LocalSegment(2 * 64);
        var platform = new FailingPlatform();
        SharedSignal[] signals = SignalUnderTest.Many(memory, 2, platform);
        var first = WaitAsync(signals[0]);
        platform.Fails = true;
        await Should.ThrowAsync<IOException>(() => WaitAsync(signals[1]).WaitAsync(TestTimeout.Wait));
        signals[1].HasOrder.ShouldBeFalse();
        signals[1].Waiters.ShouldBe(0);
        signals[0].HasOrder.ShouldBeTrue();
        foreach (var signal in signals) signal.Close();
        await Should.ThrowAsync<ObjectDisposedException>(() => first.WaitAsync(TestTimeout.Wait));
        signals[0].HasOrder.ShouldBeFalse();

        static Task WaitAsync(SharedSignal signal) => signal.WaitAsync(
            0, static _ => false, Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None, WaitOrder.Takes).AsTask();
    }

    [ProcessTheory]
    [MemberData(nameof(Kinds))]
    public async Task Time_runs_out(string platform)
    {
        using var tested = Build(platform);
        tested.Wait(s_moment).ShouldBeFalse();
        tested.Wait(TimeSpan.Zero).ShouldBeFalse();
        using var source = new CancellationTokenSource();
        tested.Wait(s_moment, source.Token).ShouldBeFalse(); // two words to sleep at
        var time = new ManualTimeProvider();
        var waiting = tested.WaitAsync(TimeSpan.FromHours(1), time);
        await TestTimeout.UntilAsync(() => tested.Signal.Waiters == 1);
        time.Advance(TimeSpan.FromHours(1));
        (await waiting.WaitAsync(TestTimeout.Wait)).ShouldBeFalse();
        tested.Signal.Waiters.ShouldBe(0);
    }

    [ProcessTheory]
    [MemberData(nameof(Kinds))]
    public async Task An_asynchronous_wait_is_woken_cancelled_and_closed(string platform)
    {
        using var tested = Build(platform);
        var first = tested.WaitAsync();
        await TestTimeout.UntilAsync(() => tested.Signal.Waiters == 1);
        first.IsCompleted.ShouldBeFalse();
        tested.Put();
        (await first.WaitAsync(TestTimeout.Wait)).ShouldBeTrue();

        using var source = new CancellationTokenSource();
        var second = tested.WaitAsync(token: source.Token);
        await TestTimeout.UntilAsync(() => tested.Signal.Waiters == 1);
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => second.WaitAsync(TestTimeout.Wait));

        var third = tested.WaitAsync();
        await TestTimeout.UntilAsync(() => tested.Signal.Waiters == 1);
        tested.Signal.Close();
        await Should.ThrowAsync<ObjectDisposedException>(() => third.WaitAsync(TestTimeout.Wait));
        await Should.ThrowAsync<ObjectDisposedException>(() => tested.WaitAsync().WaitAsync(TestTimeout.Wait));
        Should.Throw<ObjectDisposedException>(() => tested.Wait());
    }

    [ProcessTheory]
    [MemberData(nameof(Kinds))]
    public async Task Closing_ends_synchronous_sleeps(string platform)
    {
        using var tested = Build(platform);
        var sleeps = Enumerable.Range(0, 3).Select(_ => TestSupport.OnOwnThread(() => Should.Throw<ObjectDisposedException>(() => tested.Wait()))).ToArray();
        await TestTimeout.UntilAsync(() => tested.Signal.Waiters == 3);
        tested.Signal.Close();
        await Task.WhenAll(sleeps).WaitAsync(TestTimeout.Wait);
    }

    [ProcessFact]
    public async Task More_signals_than_the_kernel_takes_at_once_are_all_served()
    {
        const int count = 300;
        using var memory = new LocalSegment(count * 64);
        var signals = SignalUnderTest.Many(memory, count);
        var ready = new bool[count];
        var waits = signals.Select((signal, i) => signal.WaitAsync((ready, i), static r => Volatile.Read(ref r.ready[r.i]),
            Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None).AsTask()).ToArray();
        await TestTimeout.UntilAsync(() => signals.All(static s => s.Waiters == 1));
        SignalThread.Count.ShouldBeInRange(3, 6); // 127 each, one for the portable way, and one for the platform that fails
        for (int i = count - 1; i >= 0; i--)
        {
            Volatile.Write(ref ready[i], true);
            signals[i].WakeOne();
        }

        (await Task.WhenAll(waits).WaitAsync(TestTimeout.Wait)).ShouldAllBe(static r => r);
        foreach (var signal in signals) signal.Close();
    }

    [ProcessFact]
    public async Task Signals_that_are_waited_for_again_do_not_come_to_be_more_than_the_kernel_takes()
    {
        const int count = 300;
        using var memory = new LocalSegment(count * 64);
        var signals = SignalUnderTest.Many(memory, count);
        bool[] ready = new bool[count];
        for (int i = 0; i < count; i++) // one after the other: there is never more than one at once
        {
            var alone = WaitAsync(i);
            Put(i);
            await alone.WaitAsync(TestTimeout.Wait);
            ready[i] = false;
        }

        int[] mostOnOne = [.. signals.GroupBy(static s => s.Thread).Select(static g => g.Count()).Order()];
        var all = Enumerable.Range(0, count).Select(WaitAsync).ToArray();
        for (int i = 0; i < count; i++) Put(i);
        await Task.WhenAll(all).WaitAsync(TestTimeout.Wait);
        foreach (var signal in signals) signal.Close();
        mostOnOne[^1].ShouldBeLessThan(WaitPlatform.Of(ChannelKind.Linux).MostWords);

        Task WaitAsync(int i) => signals[i].WaitAsync((ready, i), static r => Volatile.Read(ref r.ready[r.i]),
            Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None).AsTask();

        void Put(int i)
        {
            Volatile.Write(ref ready[i], true);
            signals[i].WakeOne();
        }
    }

    [ProcessTheory]
    [InlineData(nameof(ChannelKind.Linux), false)]
    [InlineData(nameof(ChannelKind.Linux), true)]
    [InlineData(nameof(ChannelKind.Portable), false)]
    public async Task Nothing_put_is_left_while_takers_sleep(string platform, bool async)
    {
        const int takers = 4;
        int rounds = platform == nameof(ChannelKind.Linux) ? 20_000 : 300;
        using var tested = Build(platform, SpinPolicy.Never);
        using var eachTaken = new SemaphoreSlim(0);
        int taken = 0, seen = 0;
        var all = Enumerable.Range(0, takers).Select(_ => async ? Task.Run(TakeAsync) : TestSupport.OnOwnThread(Take)).ToArray();
        for (int i = 0; i < rounds; i++)
        {
            tested.Put();
            if (i % 8 != 0) continue;
            for (; seen <= i; seen++) (await eachTaken.WaitAsync(TestTimeout.Wait, TestContext.Current.CancellationToken)).ShouldBeTrue();
        }

        await Task.WhenAll(all).WaitAsync(TestTimeout.Wait);
        taken.ShouldBe(rounds);

        bool IsOver() => Volatile.Read(ref taken) >= rounds;

        void Take()
        {
            while (!IsOver())
            {
                tested.Signal.Wait(tested, t => IsOver() || t.Items > 0, Timeout.InfiniteTimeSpan, CancellationToken.None).ShouldBeTrue();
                TakeOne();
            }
        }

        async Task TakeAsync()
        {
            while (!IsOver())
            {
                (await tested.Signal.WaitAsync(tested, t => IsOver() || t.Items > 0, Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None))
                    .ShouldBeTrue();
                TakeOne();
            }
        }

        void TakeOne()
        {
            if (!tested.TryTake()) return;
            if (Interlocked.Increment(ref taken) == rounds) tested.Signal.WakeAll();
            else if (tested.Items > 0) tested.Signal.WakeOne(); // the taker of one of several items wakes the next
            eachTaken.Release();
        }
    }

    [ProcessFact]
    public async Task A_sleeper_in_another_process_is_woken_and_a_dead_one_is_noticed()
    {
        using var place = new SharedPlace();
        var child = ChildProcess.Start(place.WaitForItem);
        await TestTimeout.UntilAsync(() => place.RegisteredProcesses == 2);
        var waiting = TestSupport.OnOwnThread(place.WaitForADeath);
        await TestTimeout.UntilAsync(() => place.Signal.Waiters == 1);
        place.Item = 1;
        place.Signal.WakeAll();
        await TestTimeout.UntilAsync(() => place.Answer == 1);
        waiting.IsCompleted.ShouldBeFalse();
        child.Kill();
        await waiting.WaitAsync(TestTimeout.Wait);
        place.Dead.ShouldBe(child.Id);
        place.RegisteredProcesses.ShouldBe(1);
        await child.Exited.WaitAsync(TestTimeout.Wait);
    }

    [ProcessFact]
    public async Task A_process_that_died_before_it_was_watched_is_noticed_too()
    {
        using var place = new SharedPlace();
        var child = ChildProcess.Start(place.WaitForItem);
        await TestTimeout.UntilAsync(() => place.RegisteredProcesses == 2);
        child.Kill();
        await child.Exited.WaitAsync(TestTimeout.Wait);
        await TestSupport.OnOwnThread(place.WaitForADeath).WaitAsync(TestTimeout.Wait);
        place.Dead.ShouldBe(child.Id);
    }

    [ProcessFact]
    public async Task Slots_of_the_dead_are_taken_when_all_are_taken()
    {
        using var place = new SharedPlace(processSlots: 2);
        var child = ChildProcess.Start(place.WaitForItem);
        await TestTimeout.UntilAsync(() => place.RegisteredProcesses == 2);
        (await ChildProcess.Start(place.JoinOnce).JoinAsync()).ShouldContain("2 processes use this object already");
        child.Kill();
        await child.Exited.WaitAsync(TestTimeout.Wait);
        (await ChildProcess.Start(place.JoinOnce).JoinAsync()).ShouldBe("joined");
    }

    private static SignalUnderTest Build(string platform, SpinPolicy? spin = null) => new(Enum.Parse<ChannelKind>(platform), spin);

    /// <summary>Serves one signal, and then fails as the system does that starts no further thread.</summary>
    private sealed unsafe class FailingPlatform : WaitPlatform
    {
        private readonly WaitPlatform _inner = Of(ChannelKind.Linux);

        public bool Fails { get; set; }

        public override int MostWords => Fails ? throw new IOException("No thread is left.") : _inner.MostWords;

        public override void WaitAny(ReadOnlySpan<WaitedWord> words, TimeSpan timeout) => _inner.WaitAny(words, timeout);

        public override bool WakeOne(uint* word) => _inner.WakeOne(word);

        public override void WakeAll(uint* word) => _inner.WakeAll(word);
    }

    private class SpinContext : SynchronizationContext, ISpinContext
    {
        public virtual bool MaySpin => true;
    }

    private sealed class OccupiedContext : SpinContext
    {
        public override bool MaySpin => false;
    }
}
