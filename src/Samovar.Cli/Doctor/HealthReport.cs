using System.Reflection;

namespace Samovar.Cli.Doctor;

/// <summary>Everything <c>samovar doctor</c> finds out. Holds facts and the verdict; knows nothing of how they are shown.</summary>
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
    /// <summary>What keeps Samovar from running here, in sentences; empty when it can.</summary>
    public IReadOnlyList<string> Obstacles { get; } = FindObstacles(Features);

    /// <summary>What will be slower or scarce because of a limit, in sentences.</summary>
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
            obstacles.Add($"neither memfd nor mapped-files: no memory can be shared with a worker process; {Feature.MappedFiles.Without}");
        if (!Has(Feature.Futex) && !Has(Feature.LocalSockets))
            obstacles.Add("neither futex nor unix-sockets: no worker process can be woken");
        return obstacles;
    }

    private static List<string> FindNotes(CoreLimits cores, MemoryLimits memory, CountLimits counts)
    {
        // An idle worker's goal is 35 MB; a pipe pair, a segment and a pidfd are about eight descriptors.
        const long WorkerBytes = 35_000_000;
        const long WorkerDescriptors = 8;

        var notes = new List<string>();
        if (cores.Usable <= 2) notes.Add($"{Cores(cores.Usable)}: waiting threads do not spin, so a round trip costs a wake-up");
        if (cores.Quota is { } quota && quota < (cores.Affinity?.Count ?? int.MaxValue))
            notes.Add($"a quota of {quota:0.##} cores: bursts beyond it are stopped until the next period (usually 100 ms)");
        if (memory.ControlGroup is { } limit && limit < WorkerBytes * (cores.Usable + 1))
            notes.Add($"a memory limit of {limit / 1_000_000} MB: one worker a core does not fit ({WorkerBytes / 1_000_000} MB each)");
        if (counts.OpenFiles?.Hard is { } files && files < WorkerDescriptors * 256)
            notes.Add($"{files} open files: room for about {files / WorkerDescriptors} worker processes (raise it with ulimit -n)");
        if (counts.ControlGroupProcesses is { } pids && pids < 256)
            notes.Add($"{pids} processes and threads in this control group: a worker process takes about 12");
        return notes;

        static string Cores(int count) => count == 1 ? "one core" : $"{count} cores";
    }
}
