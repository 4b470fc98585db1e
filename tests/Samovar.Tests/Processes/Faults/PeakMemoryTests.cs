using System.Runtime.Versioning;
using Samovar.Processes.Platform;

namespace Samovar.Tests.Processes.Faults;

/// <summary>The peak of a worker that crashed: its own, or none. A process begins with that of the one that spawned it.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class PeakMemoryTests
{
    private const int Much = 150 << 20;

    [ProcessFact]
    public async Task The_peak_of_a_crashed_worker_is_its_own_or_unknown()
    {
        // In a small process of its own: the test's may be larger than any worker.
        long[] peaks = await ChildProcess.Start(InASmallProcess, new() { Output = WorkerOutput.Discard }).JoinAsync(TestContext.Current.CancellationToken);
        peaks[0].ShouldBeInRange(Much, 3L * Much);
        peaks[1].ShouldBe(0, "the parent had used more when it started that worker");
    }

    private static long[] InASmallProcess()
    {
        long large = PeakOf(static () => Fill(Much));
        Fill(Much);
        return [large, PeakOf(static () => { })];
    }

    private static long PeakOf(Action before)
    {
        var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1));
        var doomed = pool.Submit(() =>
        {
            before();
            LinuxProcessCalls.kill(Environment.ProcessId, LinuxProcessCalls.SigKill);
        });
        doomed.Wait();
        pool.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return ((WorkerCrashedException)doomed.Exception!).PeakMemory;
    }

    private static void Fill(int length)
    {
        byte[] bytes = new byte[length];
        Array.Fill(bytes, (byte)1);
        GC.KeepAlive(bytes);
    }
}
