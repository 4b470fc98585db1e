using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Samovar.Tests.Processes.Faults;

/// <summary>Limits for the memory of a process while it works.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class MemoryLimitTests
{
    private const int Much = 192 << 20;
    private const long Limit = 128L << 20;
    private const string Words = "MiB, more than its limit of 128 MiB (HardMemoryLimit)";

    [ProcessFact]
    public async Task A_task_that_takes_too_much_native_memory_loses_its_worker_and_the_pool_works_on()
    {
        await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { HardMemoryLimit = Limit });
        (await pool.Submit(static () => 1)).ShouldBe(1);

        var greedy = pool.Submit(static () => TakeAndStay(Much));

        (await Should.ThrowAsync<WorkerCrashedException>(greedy.AsTask())).Message.ShouldContain(Words);
        (await pool.Submit(static () => 2)).ShouldBe(2);
    }

    [ProcessFact]
    public async Task A_child_that_takes_too_much_is_killed_and_says_why()
    {
        var greedy = ChildProcess.Start(static () => TakeAndStay(Much), new() { HardMemoryLimit = Limit, Output = WorkerOutput.Discard });

        (await Should.ThrowAsync<WorkerCrashedException>(() => greedy.JoinAsync(TestContext.Current.CancellationToken))).Message.ShouldContain(Words);
        greedy.ExitCode.ShouldBe(-9);
    }

    [ProcessFact]
    public void A_limit_below_what_a_runtime_needs_is_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(static () => new ProcessExecutorOptions { HardMemoryLimit = 1 << 20 }).ParamName.ShouldBe("HardMemoryLimit");
        Should.Throw<ArgumentOutOfRangeException>(static () => new ChildProcessOptions { HardMemoryLimit = 1 << 20 }).ParamName.ShouldBe("HardMemoryLimit");
    }

    private static unsafe void TakeAndStay(int bytes)
    {
        new Span<byte>(NativeMemory.Alloc((nuint)bytes), bytes).Fill(1);
        Thread.CurrentThread.Join();
    }
}
