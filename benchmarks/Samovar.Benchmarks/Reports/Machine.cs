using System.Globalization;
using System.Runtime.InteropServices;

namespace Samovar.Benchmarks.Reports;

/// <summary>Describes the machine and the date of a measurement.</summary>
internal static class Machine
{
    /// <summary>Returns the date, processors, system and runtime in one line.</summary>
    public static string Describe() => string.Create(CultureInfo.InvariantCulture,
        $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd}, {Environment.ProcessorCount} cores of {Processor()}, {Kernel()}, .NET {Environment.Version}");

    /// <summary>Returns a warning if other processes load the machine, which lowers the figures; otherwise, null.</summary>
    public static string? Crowd()
    {
        if (!File.Exists("/proc/loadavg")) return null;
        double load = double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);
        return load <= Environment.ProcessorCount / 2.0 ? null : string.Create(CultureInfo.InvariantCulture,
            $"Warning: other processes load this machine ({load:0.0} on {Environment.ProcessorCount} cores); figures are low and vary widely.");
    }

    private static string Processor()
    {
        const string label = "model name";
        string? line = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith(label, StringComparison.Ordinal)) : null;
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }

    private static string Kernel() =>
        OperatingSystem.IsLinux() ? $"Linux {Environment.OSVersion.Version.ToString(2)}" : RuntimeInformation.OSDescription;
}
