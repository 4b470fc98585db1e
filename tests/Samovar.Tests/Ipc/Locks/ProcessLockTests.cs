using System.Runtime.Versioning;
using Samovar.Ipc;
using Samovar.Ipc.Platform;
using Samovar.Tests.Ipc.Shared;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Ipc.Locks;

/// <summary>A lock within one process: order, time, tokens, leases. On both platforms.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class ProcessLockTests
{
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(5);

    public static TheoryData<string> Kinds => [nameof(ChannelKind.Linux), nameof(ChannelKind.Portable)];

    [ThreadTheory]
    [MemberData(nameof(Kinds))]
    public async Task One_is_in_at_a_time(string platform)
    {
        int rounds = platform == nameof(ChannelKind.Linux) ? 2_000 : 20;
        using var tested = Build(platform);
        int inside = 0, total = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => i % 2 == 0 ? TestSupport.OnOwnThread(Enter) : Task.Run(EnterAsync))).WaitAsync(TestTimeout.Wait);
        total.ShouldBe(4 * rounds);
        tested.IsHeld.ShouldBeFalse();
        tested.GetStatistics().ShouldSatisfyAllConditions(s => s.Available.ShouldBe(1), s => s.Holders.ShouldBeEmpty(), s => s.Waiting.ShouldBe(0));

        void Enter()
        {
            for (int i = 0; i < rounds; i++)
            {
                using (tested.Enter()) Count();
            }
        }

        async Task EnterAsync()
        {
            for (int i = 0; i < rounds; i++)
            {
                using (await tested.EnterAsync()) Count();
            }
        }

        void Count()
        {
            Interlocked.Increment(ref inside).ShouldBe(1);
            total++;
            Interlocked.Decrement(ref inside);
        }
    }

    [ThreadTheory]
    [MemberData(nameof(Kinds))]
    public async Task Waiters_enter_in_the_order_in_which_they_came_also_with_cancelled_ones_between(string platform)
    {
        using var tested = Build(platform);
        using var source = new CancellationTokenSource();
        var lease = tested.Enter();
        var order = new List<int>();
        var waits = new List<Task>();
        for (int i = 0; i < 12; i++)
        {
            int number = i;
            CancellationToken token = i % 3 == 1 ? source.Token : CancellationToken.None;
            waits.Add(i % 2 == 0 ? TestSupport.OnOwnThread(() => Note(number, tested.TryEnter(Timeout.InfiniteTimeSpan, token))) : NoteAsync(number, token));
            await TestTimeout.UntilAsync(() => tested.GetStatistics().Waiting == number + 1);
        }

        await source.CancelAsync();
        await TestTimeout.UntilAsync(() => tested.GetStatistics().Waiting == 8);
        tested.TryEnter(TimeSpan.Zero).ShouldBeNull();
        lease.Dispose();
        var ends = await Task.WhenAll(waits.Select(async w => await Record.ExceptionAsync(() => w.WaitAsync(TestTimeout.Wait))));
        ends.Select(e => e is OperationCanceledException).ShouldBe(Enumerable.Range(0, 12).Select(i => i % 3 == 1));
        order.ShouldBe([0, 2, 3, 5, 6, 8, 9, 11]);

        void Note(int number, ProcessLease? entered)
        {
            using (entered.ShouldNotBeNull()) order.Add(number);
        }

        async Task NoteAsync(int number, CancellationToken token) => Note(number, await tested.EnterAsync(token));
    }

    [ThreadTheory]
    [MemberData(nameof(Kinds))]
    public async Task No_caller_overtakes_the_waiters(string platform)
    {
        using var tested = Build(platform);
        var lease = tested.Enter();
        var first = tested.EnterAsync().AsTask();
        await TestTimeout.UntilAsync(() => tested.GetStatistics().Waiting == 1);
        lease.Dispose();
        using (await first.WaitAsync(TestTimeout.Wait)) tested.TryEnter(TimeSpan.Zero).ShouldBeNull();
        tested.TryEnter(TimeSpan.Zero).ShouldNotBeNull().Dispose();
    }

    [ThreadTheory]
    [MemberData(nameof(Kinds))]
    public async Task Time_runs_out_and_tokens_trip(string platform)
    {
        using var tested = Build(platform);
        using var source = new CancellationTokenSource();
        using (tested.Enter())
        {
            tested.TryEnter(s_moment).ShouldBeNull();
            (await tested.TryEnterAsync(s_moment)).ShouldBeNull();
            (await tested.TryEnterAsync(TimeSpan.Zero)).ShouldBeNull();
            var waiting = tested.EnterAsync(source.Token).AsTask();
            var blocked = TestSupport.OnOwnThread(() => tested.Enter(source.Token));
            await TestTimeout.UntilAsync(() => tested.GetStatistics().Waiting == 2);
            await source.CancelAsync();
            (await Should.ThrowAsync<OperationCanceledException>(() => waiting.WaitAsync(TestTimeout.Wait))).CancellationToken.ShouldBe(source.Token);
            (await Should.ThrowAsync<OperationCanceledException>(() => blocked.WaitAsync(TestTimeout.Wait))).CancellationToken.ShouldBe(source.Token);
            tested.GetStatistics().Waiting.ShouldBe(0);
        }

        Should.Throw<OperationCanceledException>(() => tested.Enter(source.Token));
        await Should.ThrowAsync<OperationCanceledException>(async () => await tested.EnterAsync(source.Token));
        Should.Throw<ArgumentOutOfRangeException>(() => tested.TryEnter(TimeSpan.FromMilliseconds(-2)));
        tested.TryEnter(s_moment).ShouldNotBeNull().Dispose();
    }

    [ThreadTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_waiter_cancelled_at_the_moment_it_would_enter_has_entered_or_passes_it_on(string platform)
    {
        using var tested = Build(platform);
        int rounds = platform == nameof(ChannelKind.Linux) ? 500 : 30;
        int entered = 0, canceled = 0;
        for (int i = 0; i < rounds; i++)
        {
            using var source = new CancellationTokenSource();
            var lease = tested.Enter();
            var first = tested.EnterAsync(source.Token).AsTask();
            var second = tested.EnterAsync().AsTask();
            await TestTimeout.UntilAsync(() => tested.GetStatistics().Waiting == 2);
            await Task.WhenAll(Task.Run(lease.Dispose), Task.Run(source.Cancel)).WaitAsync(TestTimeout.Wait);
            try
            {
                (await first.WaitAsync(TestTimeout.Wait)).Dispose();
                entered++;
            }
            catch (OperationCanceledException)
            {
                canceled++;
            }

            (await second.WaitAsync(TestTimeout.Wait)).Dispose();
            tested.IsHeld.ShouldBeFalse();
        }

        (entered + canceled).ShouldBe(rounds);
    }

    [ThreadFact]
    public void A_lease_is_released_once_and_may_be_released_by_another_thread()
    {
        using var tested = new ProcessLock();
        var lease = tested.Enter();
        lease.IsAbandoned.ShouldBeFalse();
        tested.GetStatistics().Holders.ShouldBe([Environment.ProcessId]);
        Parallel.For(0, 4, _ => lease.Dispose());
        using (tested.Enter())
        {
            lease.Dispose();
            tested.IsHeld.ShouldBeTrue();
        }

        tested.IsHeld.ShouldBeFalse();
    }

    [ThreadTheory]
    [MemberData(nameof(Kinds))]
    public async Task Disposing_sends_waiters_away(string platform)
    {
        var tested = Build(platform);
        var lease = tested.Enter();
        var waiting = tested.EnterAsync().AsTask();
        var blocked = TestSupport.OnOwnThread(() => tested.Enter());
        await TestTimeout.UntilAsync(() => tested.GetStatistics().Waiting == 2);
        tested.Dispose();
        await Should.ThrowAsync<ObjectDisposedException>(() => waiting.WaitAsync(TestTimeout.Wait));
        await Should.ThrowAsync<ObjectDisposedException>(() => blocked.WaitAsync(TestTimeout.Wait));
        Should.Throw<ObjectDisposedException>(() => tested.Enter());
        Should.Throw<ObjectDisposedException>(() => tested.IsHeld);
        lease.Dispose();
    }

    [ThreadFact]
    public void A_named_lock_is_one_lock()
    {
        using var tested = new ProcessLock(OwnNames.Own("a-lock"));
        using var same = ProcessLock.Open(OwnNames.Own("a-lock"));
        same.Name.ShouldBe(OwnNames.Own("a-lock"));
        using (same.Enter()) tested.TryEnter(TimeSpan.Zero).ShouldBeNull();
        tested.IsHeld.ShouldBeFalse();
        Should.Throw<SharedObjectException>(() => new ProcessLock(OwnNames.Own("a-lock"))).Fault.ShouldBe(SharedObjectFault.NameTaken);
        Should.Throw<SharedObjectException>(() => ProcessLock.Open(OwnNames.Own("no-lock"))).Fault.ShouldBe(SharedObjectFault.NotFound);
        using var value = new SharedValue<int>(1, OwnNames.Own("a-value"));
        Should.Throw<SharedObjectException>(() => ProcessLock.Open(OwnNames.Own("a-value"))).Fault.ShouldBe(SharedObjectFault.TypeMismatch);
    }

    private static ProcessLock Build(string platform) => new(null, SharedStore.Of(Enum.Parse<ChannelKind>(platform)));
}
