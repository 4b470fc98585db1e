using System.Globalization;
using System.Runtime.Versioning;
using Samovar.Processes.Platform;

namespace Samovar.Tests.Processes;

[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class ParentDeathTests
{
    [ProcessTheory]
    [InlineData("auto")]
    [InlineData("portable")]
    public async Task SIGKILL_of_a_parent_leaves_no_worker_grandchild_file_or_socket(string channel)
    {
        using ProgramRun parent = ProgramRun.Start("dotnet", [ProgramRun.ChildProgram, "parent", "2"], channel);
        int[] ids = [.. (await parent.LineAsync()).Split(' ').Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
        ids.Length.ShouldBe(6, "two workers, each with a sleeper and a worker of its own");
        ProcessTrace[] traces = [.. ids.Select(id => new ProcessTrace(id))];

        parent.Kill();
        foreach (ProcessTrace trace in traces)
        {
            trace.EndsWithin(TimeSpan.FromSeconds(2)).ShouldBeTrue($"process {trace.Id}");
            trace.Dispose();
        }

        foreach (int id in (int[])[parent.Id, .. ids])
            ProcessTrace.FilesOf(id).Where(f => id != parent.Id || f.Contains("samovar", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [ProcessTheory]
    [InlineData("auto", true)]
    [InlineData("portable", false)] // stopped, it cannot see its socket's end
    public async Task SIGKILL_of_a_program_leaves_only_the_records_of_its_workers_be_they_busy_idle_or_stopped(string channel, bool stops)
    {
        using ProgramRun parent = ProgramRun.Start("dotnet", [ProgramRun.ChildProgram, "hold-pool", $"{stops}"], channel);
        int[] ids = [.. (await parent.LineAsync()).Split(' ').Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
        ids.Length.ShouldBe(6, "a busy worker, an idle and a waiting one, two sleepers, and a worker's worker");
        await TestTimeout.UntilAsync(() => File.ReadAllText($"/proc/{ids[0]}/stat").Contains(") T ", StringComparison.Ordinal) == stops); // a signal takes its time
        ProcessTrace[] traces = [.. ids.Select(id => new ProcessTrace(id))];

        long killed = TimeProvider.System.GetTimestamp();
        parent.Kill();
        foreach (ProcessTrace trace in traces)
        {
            trace.EndsWithin(TestTimeout.Wait).ShouldBeTrue($"process {trace.Id}"); // two seconds are promised; a loaded machine may need more
            trace.Dispose();
        }

        var records = PostMortem.Find(parent.Id).ShouldNotBeNull();
        records.Workers.Count.ShouldBe(3); // a worker's worker records nothing
        records.Remove();
        TestContext.Current.SendDiagnosticMessage("{0}: all had ended {1:F0} ms after the kill", channel, TimeProvider.System.GetElapsedTime(killed).TotalMilliseconds);
        foreach (int id in (int[])[parent.Id, .. ids])
            ProcessTrace.FilesOf(id).Where(f => id != parent.Id || f.Contains("samovar", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [ProcessFact]
    public async Task A_stopped_worker_dies_with_its_parent_too()
    {
        using ProgramRun parent = ProgramRun.Start("dotnet", [ProgramRun.ChildProgram, "parent", "1"], "auto");
        int[] ids = [.. (await parent.LineAsync()).Split(' ').Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
        ProcessTrace[] traces = [.. ids.Select(id => new ProcessTrace(id))];
        _ = LinuxProcessCalls.kill(ids[0], LinuxProcessCalls.SigStop);

        parent.Kill();
        foreach (ProcessTrace trace in traces)
        {
            trace.EndsWithin(TimeSpan.FromSeconds(2)).ShouldBeTrue($"process {trace.Id}");
            trace.Dispose();
        }
    }
}
