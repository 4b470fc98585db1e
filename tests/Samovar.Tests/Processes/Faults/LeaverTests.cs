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

    [ProcessFact]
    public async Task Workers_stay_in_the_session_of_the_program_which_is_scheduled_as_one_unit()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);

        (await pool.Submit(static () => LinuxProcessCalls.getsid(0))).ShouldBe(LinuxProcessCalls.getsid(0));
        (await pool.Submit(static () => LinuxProcessCalls.getpgrp() == Environment.ProcessId)).ShouldBeTrue();
    }

    [ProcessFact]
    public async Task Programs_that_a_task_starts_have_no_terminal_to_read_from()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);

        (await pool.Submit(static () => StartOf("(: </dev/tty) 2>/dev/null && echo 1 || echo 0"))).ShouldBe(0);
    }

    [ProcessFact]
    public void A_mark_is_inherited_and_finds_what_has_lost_its_parent()
    {
        using var root = Process.Start(new ProcessStartInfo("sh", ["-c", "read go; timeout 77 sh -c 'echo $$; exec sleep 77' & wait"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        ulong mark = LinuxProcessMark.Put(root.Id);
        mark.ShouldNotBe(LinuxProcessMark.None);
        root.StandardInput.WriteLine("go");
        int leaver = int.Parse(root.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);

        LinuxProcessMark.Find(mark, root.Id).ShouldContain(leaver);
        LinuxProcessMark.Find(mark + 1, root.Id).ShouldBeEmpty();
        LinuxProcessMark.Find(LinuxProcessMark.None, root.Id).ShouldBeEmpty();
        LinuxProcessTree.Kill(root.Id, mark);
        root.WaitForExit(TestTimeout.Wait).ShouldBeTrue();
    }

    private static int StartOf(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", command]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        return int.Parse(shell.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
    }
}
