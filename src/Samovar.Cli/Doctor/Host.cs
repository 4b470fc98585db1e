using System.Runtime.InteropServices;
using Samovar.Cli.Doctor.Hosts;

namespace Samovar.Cli.Doctor;

/// <summary>What the operating system reports about this process and supports. Each feature is probed by using it.</summary>
internal abstract class Host
{
    public static Host Current => OperatingSystem.IsLinux() ? new LinuxHost() : new PortableHost();

    public virtual SystemFacts System() => new(
        RuntimeInformation.OSDescription,
        Environment.OSVersion.VersionString,
        RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant());

    public abstract CoreLimits Cores();

    public abstract MemoryLimits Memory();

    public abstract CountLimits Counts();

    /// <summary>Probes for the platform features that Samovar uses internally.</summary>
    public abstract IEnumerable<CheckResult> Probe();

    /// <summary>
    /// Measures the round trip in which two sleeping threads wake each other, in microseconds (median); null if it cannot be
    /// measured.
    /// </summary>
    public abstract double? MeasureWakeUp();
}
