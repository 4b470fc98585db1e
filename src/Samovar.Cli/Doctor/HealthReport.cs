using System.Reflection;

namespace Samovar.Cli.Doctor;

/// <summary>The findings of <c>samovar doctor</c>: facts and the verdict, independent of how they are printed.</summary>
internal sealed record HealthReport(
    string Samovar,
    RuntimeFacts Runtime,
    SystemFacts System,
    CoreLimits Cores,
    MemoryLimits Memory,
    CountLimits Counts,
    double? WakeUpMicroseconds,
    IReadOnlyList<CheckResult> Features)
{
    /// <summary>Gets the reasons why Samovar cannot run on this machine; empty if it can.</summary>
    public IReadOnlyList<string> Obstacles { get; } = FindObstacles(Features);

    /// <summary>Gets what a limit makes slower or scarce.</summary>
    public IReadOnlyList<string> Notes { get; } = FindNotes(Cores, Memory, Counts);

    public bool CanRun => Obstacles.Count == 0;

    public static async Task<HealthReport> RunAsync(Host host, CancellationToken cancellation) => new(
        typeof(FutureState).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0],
        RuntimeFacts.Read(),
        host.System(),
        host.Cores(),
        host.Memory(),
        host.Counts(),
        host.MeasureWakeUp(),
        [.. host.Probe(), .. await EnvironmentProbe.ProbeAsync(cancellation)]);

    private static List<string> FindObstacles(IReadOnlyList<CheckResult> results)
    {
        bool Has(Feature feature) => results.Any(f => f.Feature == feature && f.Present);

        var obstacles = results
            .Where(f => f.Feature.Severity == Severity.Required && !f.Present)
            .Select(f => $"{f.Feature.Name}: {f.Detail}; {f.Feature.Without}")
            .ToList();
        if (!Has(Feature.Memfd) && !Has(Feature.MappedFiles))
            obstacles.Add($"neither memfd nor mapped-files: memory cannot be shared with a worker process; {Feature.MappedFiles.Without}");
        if (!Has(Feature.Futex) && !Has(Feature.LocalSockets))
            obstacles.Add("neither futex nor unix-sockets: a sleeping worker process cannot be woken");
        return obstacles;
    }

    private static List<string> FindNotes(CoreLimits cores, MemoryLimits memory, CountLimits counts)
    {
        // The memory goal for an idle worker is 35 MB; a pair of pipes, a segment and a pidfd take about eight descriptors.
        const long WorkerBytes = 35_000_000;
        const long WorkerDescriptors = 8;

        var notes = new List<string>();
        if (cores.Usable <= 2) notes.Add($"{Cores(cores.Usable)}: waiting threads do not spin, so each round trip costs a wake-up");
        if (cores.Quota is { } quota && quota < (cores.Affinity?.Count ?? int.MaxValue))
            notes.Add($"a quota of {quota:0.##} cores: after a burst beyond it, threads are paused until the next period (usually 100 ms)");
        if (memory.ControlGroup is { } limit && limit < WorkerBytes * (cores.Usable + 1))
            notes.Add($"a memory limit of {limit / 1_000_000} MB: too low for one worker per core ({WorkerBytes / 1_000_000} MB each)");
        if (counts.OpenFiles?.Hard is { } files && files < WorkerDescriptors * 256)
            notes.Add($"a limit of {files} open files: enough for about {files / WorkerDescriptors} worker processes (raise it with ulimit -n)");
        if (counts.ControlGroupProcesses is { } pids && pids < 256)
            notes.Add($"a limit of {pids} processes and threads in this control group: a worker process takes about 12");
        return notes;

        static string Cores(int count) => count == 1 ? "one core" : $"{count} cores";
    }
}
