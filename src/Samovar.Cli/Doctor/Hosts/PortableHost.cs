using System.Numerics;
using System.Runtime.Versioning;

namespace Samovar.Cli.Doctor.Hosts;

/// <summary>Any operating system, through .NET alone: the features of Linux are reported as missing.</summary>
internal sealed class PortableHost : Host
{
    public override CoreLimits Cores() =>
        new(Environment.ProcessorCount, OperatingSystem.IsWindows() ? WindowsAffinity() : null, Quota: null);

    public override MemoryLimits Memory() =>
        new(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, ControlGroup: null, SharedMemoryFolder: null);

    public override CountLimits Counts() => new(null, null, null);

    public override IEnumerable<CheckResult> Probe()
    {
        foreach (Feature feature in (Feature[])[Feature.Memfd, Feature.Futex, Feature.Pidfd])
            yield return CheckResult.Missing(feature, "available on Linux only");
        yield return CheckResult.Missing(Feature.ProcessGroups, "not used on this system");
    }

    public override double? MeasureWakeUp()
    {
        AutoResetEvent[] sides = [new(false), new(false)];
        try
        {
            return WakeUp.Measure((side, _) => sides[side].Set(), (side, _) => sides[side].WaitOne(TimeSpan.FromSeconds(1)));
        }
        finally
        {
            foreach (AutoResetEvent side in sides) side.Dispose();
        }
    }

    [SupportedOSPlatform("windows")]
    private static List<int> WindowsAffinity()
    {
        using var self = global::System.Diagnostics.Process.GetCurrentProcess();
        var cores = new List<int>();
        for (ulong mask = (ulong)self.ProcessorAffinity; mask != 0; mask &= mask - 1)
            cores.Add(BitOperations.TrailingZeroCount(mask));
        return cores;
    }
}
