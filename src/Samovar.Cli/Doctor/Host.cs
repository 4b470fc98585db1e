using System.Runtime.InteropServices;
using Samovar.Cli.Doctor.Hosts;

namespace Samovar.Cli.Doctor;

/// <summary>What one operating system tells about this process and offers to it. Every probe is made, never assumed.</summary>
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

    /// <summary>Probes for what Samovar's inside uses of the platform.</summary>
    public abstract IEnumerable<CheckResult> Probe();

    /// <summary>
    /// How long a sleeping thread takes to answer another, there and back, in microseconds (median); null when that cannot be
    /// measured.
    /// </summary>
    public abstract double? MeasureWakeUp();
}
