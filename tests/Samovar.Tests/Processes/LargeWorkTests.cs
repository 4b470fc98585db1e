using System.Runtime.Versioning;
using Samovar.Ipc.Platform;

namespace Samovar.Tests.Processes;

/// <summary>Work too large for a ring.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class LargeWorkTests
{
    private const int Length = 3 << 20;

    [ProcessFact]
    public async Task The_memory_of_work_that_was_read_serves_the_next_although_it_still_runs()
    {
        await using var pool = PoolUnderTest.Build(workers: 2);
        using var gate = new ProcessGate();
        var reported = new TaskCompletionSource();
        byte[] bytes = Filled(1);

        var first = pool.Submit(() =>
        {
            TaskContext.Current!.Report(0.5); // comes after the news that the work was read
            gate.Pass();
            return bytes.Sum(static b => (long)b);
        }, new() { Progress = new Told(reported) });
        await reported.Task;
        int before = Segments();
        before.ShouldBe(1);
        (await Sum(pool, Filled(2))).ShouldBe(2L * Length);

        Segments().ShouldBe(before);
        gate.Open();
        (await first).ShouldBe(Length);
    }

    [ProcessTheory]
    [InlineData(ChannelKind.Linux)]
    [InlineData(ChannelKind.Portable)]
    internal async Task Work_that_may_be_run_again_keeps_its_memory_until_its_end(ChannelKind channel)
    {
        await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { Channel = channel });
        byte[] bytes = Filled(3);

        var retried = pool.Submit(
            () => TaskContext.Current!.Attempt < 3 ? throw new InvalidOperationException() : bytes.Sum(static b => (long)b),
            new() { Retry = new RetryPolicy { MaxAttempts = 3, Delay = TimeSpan.Zero } });

        (await retried).ShouldBe(3L * Length);
    }

    [ProcessFact]
    public async Task Many_large_tasks_at_once_each_see_their_own_bytes()
    {
        await using var pool = PoolUnderTest.Build(workers: 2);

        var sums = Enumerable.Range(0, 40).Select(i => Sum(pool, Filled((byte)i)).AsTask());

        (await Task.WhenAll(sums)).ShouldBe(Enumerable.Range(0, 40).Select(static i => (long)i * Length));
    }

    /// <summary>Sends these bytes and no others: what is captured in one method travels together.</summary>
    private static Future<long> Sum(ProcessExecutor pool, byte[] bytes) => pool.Submit(() => bytes.Sum(static b => (long)b));

    private static byte[] Filled(byte value)
    {
        byte[] bytes = new byte[Length];
        Array.Fill(bytes, value);
        return bytes;
    }

    /// <summary>Memory files of this process as large as the work; channels are smaller.</summary>
    private static int Segments() => Directory.GetFiles("/proc/self/fd").Count(static file =>
    {
        if (new FileInfo(file).LinkTarget?.StartsWith("/memfd:samovar", StringComparison.Ordinal) != true) return false;
        using var handle = File.OpenHandle(file, share: FileShare.ReadWrite);
        return RandomAccess.GetLength(handle) >= Length;
    });

    private sealed class Told(TaskCompletionSource told) : IProgress<TaskProgress>
    {
        public void Report(TaskProgress value) => told.TrySetResult();
    }
}
