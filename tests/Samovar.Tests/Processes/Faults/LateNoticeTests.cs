using System.Runtime.Versioning;

namespace Samovar.Tests.Processes.Faults;

/// <summary>Results that are noticed late, as after the program was stopped for a while: they are as they were when they came.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class LateNoticeTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(7);

    [ProcessFact]
    public async Task A_result_that_came_in_time_and_is_read_after_it_is_no_timeout()
    {
        var time = new ManualTimeProvider();
        using var release = new ProcessGate();
        using var reads = new SemaphoreSlim(0);
        using var goOn = new ManualResetEventSlim();
        await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { Name = "late", TimeProvider = time });
        var future = pool.Submit(Passing(release), new() { Timeout = s_limit });
        await time.WhenArmedAsync(s_limit);

        // The thread that reads results is stopped in the middle of this one, and then the timeout expires.
        time.TimestampAsked = () =>
        {
            if (Thread.CurrentThread.Name != "late results") return;
            reads.Release();
            goOn.Wait(TestTimeout.Wait);
        };
        release.Open();
        await reads.WaitAsync(TestContext.Current.CancellationToken);
        var clock = new Thread(() => time.Advance(2 * s_limit)) { IsBackground = true };
        clock.Start();
        await TestTimeout.UntilAsync(() => !clock.IsAlive || clock.ThreadState.HasFlag(ThreadState.WaitSleepJoin));
        goOn.Set();

        (await future).ShouldBe(5);
        future.RunTime.ShouldBeLessThan(s_limit);
        clock.Join();

        static Func<int> Passing(Gate release) => () =>
        {
            release.Pass();
            return 5;
        };
    }
}
