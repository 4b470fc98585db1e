using System.Globalization;

namespace Samovar.Diagnostics.Watching;

/// <summary>Measures how busy the processors of the machine are, with all its programs. Not thread-safe.</summary>
internal sealed class MachineLoad
{
    private const string Source = "/proc/stat";

    private long _idle;
    private long _all;

    /// <summary>Returns the share of the processors that was in use since the last call, from 0 to 1; null for the first call, and where the system does
    /// not report it.</summary>
    public double? Measure()
    {
        if (!OperatingSystem.IsLinux() || Read() is not { } times) return null;
        var (idle, all) = times;
        double? share = _all > 0 && all > _all ? Math.Clamp(1 - ((double)(idle - _idle) / (all - _all)), 0, 1) : null;
        (_idle, _all) = (idle, all);
        return share;
    }

    private static (long Idle, long All)? Read()
    {
        const int name = 1, idle = 3, inputAndOutput = 4, first = 8; // the last two are part of the first two, see proc(5)
        try
        {
            string line = File.ReadLines(Source).First();
            long[] times = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(name).Take(first).Select(static word => long.Parse(word, CultureInfo.InvariantCulture))];
            return (times[idle] + times[inputAndOutput], times.Sum());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // a sandbox without this file; the rules that need it do not apply
        }
    }
}
