using System.Runtime.Versioning;
using Samovar.Ipc;
using Samovar.Ipc.Platform;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Ipc.Locks;

/// <summary>Semaphores: counts, leases, order, and holders that die. On both platforms.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class ProcessSemaphoreTests
{
    public static TheoryData<string> Platforms => LockKinds.Platforms;

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task So_many_are_in_at_a_time(string platform)
    {
        const int most = 3;
        int rounds = platform == nameof(ChannelKind.Linux) ? 500 : 10;
        using var tested = new ProcessSemaphore(most, null, null, LockKinds.Store(platform));
        int inside = 0, total = 0;
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < rounds; i++)
            {
                using (await tested.EnterAsync())
                {
                    Interlocked.Increment(ref inside).ShouldBeLessThanOrEqualTo(most);
                    await Task.Yield();
                    Interlocked.Increment(ref total);
                    Interlocked.Decrement(ref inside);
                }
            }
        }))).WaitAsync(TestTimeout.Wait);
        total.ShouldBe(6 * rounds);
        tested.CurrentCount.ShouldBe(most);
        tested.GetStatistics().Waiting.ShouldBe(0);
    }

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task Entering_with_a_timeout_gives_up_and_takes_nothing(string platform)
    {
        using var tested = new ProcessSemaphore(1, null, null, LockKinds.Store(platform));
        using (var lease = tested.Enter())
        {
            tested.TryEnter(LockKinds.Moment).ShouldBeNull();
            (await tested.TryEnterAsync(LockKinds.Moment)).ShouldBeNull();
            tested.Wait(LockKinds.Moment).ShouldBeFalse();
            (await tested.WaitAsync(LockKinds.Moment)).ShouldBeFalse();
            tested.Wait(TimeSpan.Zero).ShouldBeFalse();
        }

        tested.CurrentCount.ShouldBe(1);
        tested.Wait(TimeSpan.Zero).ShouldBeTrue();
        tested.CurrentCount.ShouldBe(0);
        tested.Release();
        tested.CurrentCount.ShouldBe(1);
    }

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task A_release_of_several_lets_so_many_go_in_order(string platform)
    {
        using var tested = new ProcessSemaphore(0, 10, null, LockKinds.Store(platform));
        var waits = new List<Task>();
        for (int i = 0; i < 6; i++)
        {
            waits.Add(tested.WaitAsync().AsTask());
            await TestTimeout.UntilAsync(() => tested.GetStatistics().Waiting == waits.Count);
        }

        tested.Release(4);
        await Task.WhenAll(waits[..4]).WaitAsync(TestTimeout.Wait);
        tested.GetStatistics().Waiting.ShouldBe(2);
        waits[4].IsCompleted.ShouldBeFalse();
        tested.Release(2);
        await Task.WhenAll(waits).WaitAsync(TestTimeout.Wait);
        tested.CurrentCount.ShouldBe(0);
    }

    [ProcessFact]
    public void More_than_may_be_is_refused_and_changes_nothing()
    {
        using var tested = new ProcessSemaphore(1, 2);
        tested.MaxCount.ShouldBe(2);
        Should.Throw<SemaphoreFullException>(() => tested.Release(2)).Message.ShouldStartWith("The semaphore is at 1 of 2");
        tested.CurrentCount.ShouldBe(1);
        Should.Throw<ArgumentOutOfRangeException>(() => new ProcessSemaphore(3, 2));
        Should.Throw<ArgumentOutOfRangeException>(() => new ProcessSemaphore(-1));
        Should.Throw<ArgumentOutOfRangeException>(() => new ProcessSemaphore(1, ProcessSemaphore.MaxAllowedCount + 1));
        Should.Throw<ArgumentOutOfRangeException>(() => tested.Release(0));
    }

    [ProcessFact]
    public void Without_a_maximum_more_may_be_free_than_at_first()
    {
        using var tested = new ProcessSemaphore(1);
        tested.MaxCount.ShouldBe(ProcessSemaphore.MaxAllowedCount);
        tested.Release(2);
        tested.CurrentCount.ShouldBe(3);
        for (int i = 0; i < 3; i++) tested.Wait(TimeSpan.Zero).ShouldBeTrue();
        tested.Wait(TimeSpan.Zero).ShouldBeFalse();
    }

    [ProcessTheory]
    [MemberData(nameof(Platforms))]
    public async Task What_a_dead_process_had_entered_comes_back_and_what_it_used_up_does_not(string platform)
    {
        using var tested = new ProcessSemaphore(4, null, null, LockKinds.Store(platform));
        var child = ChildProcess.Start(() =>
        {
            tested.Enter();
            tested.Enter();
            tested.Wait();
            LockKinds.Die();
        });
        await child.Exited.WaitAsync(TestTimeout.Wait);
        var leases = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => tested.EnterAsync().AsTask())).WaitAsync(TestTimeout.Wait);
        leases.Count(l => l.IsAbandoned).ShouldBe(1);
        tested.CurrentCount.ShouldBe(0);
        tested.TryEnter(LockKinds.Moment).ShouldBeNull();
        tested.GetStatistics().Abandonments.ShouldBe(1);
        foreach (var lease in leases) lease.Dispose();
        tested.CurrentCount.ShouldBe(3);
    }
}
