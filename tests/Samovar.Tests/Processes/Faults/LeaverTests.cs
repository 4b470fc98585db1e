using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Samovar.Processes.Platform;

namespace Samovar.Tests.Processes.Faults;

/// <summary>Processes that a task starts and that leave their worker's process group.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class LeaverTests
{
    /// <summary>Makes a group of its own, prints the id of what it runs, and stays.</summary>
    private const string Leaver = "timeout 77 sh -c 'echo $$; exec sleep 77'";

    [ProcessTheory]
    [InlineData(Leaver)]
    [InlineData(Leaver + " &")] // its parent exits at once
    public async Task What_has_left_the_group_dies_with_a_worker_that_is_killed_from_outside(string command)
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        using var leaver = new ProcessTrace(await pool.Submit(() => StartOf(command)));
        int worker = await pool.Submit(static () => Environment.ProcessId);

        LinuxProcessCalls.kill(worker, LinuxProcessCalls.SigKill).ShouldBe(0);

        leaver.EndsWithin(TestTimeout.Wait).ShouldBeTrue();
    }

    [ProcessFact]
    public async Task What_has_left_the_group_and_lost_its_parent_dies_with_a_worker_that_ran_too_long()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        using var leaver = new ProcessTrace(await pool.Submit(static () => StartOf(Leaver + " &")));

        var endless = pool.Submit(static () => Thread.CurrentThread.Join(), new() { Timeout = TimeSpan.FromMilliseconds(50) });

        await Should.ThrowAsync<TaskTimeoutException>(endless.AsTask());
        leaver.EndsWithin(TestTimeout.Wait).ShouldBeTrue();
    }

    private static int StartOf(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", command]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        return int.Parse(shell.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
    }
}
