using System.Diagnostics;
using System.Globalization;

namespace Samovar.Ipc.Platform;

/// <summary>Identifies a process permanently by its id and start time. The id alone can be reused by another process.</summary>
/// <param name="Id">The process id.</param>
/// <param name="Start">The start time: on Linux in clock ticks since the system's start, on other systems in milliseconds of the clock; the lower 32
/// bits.</param>
internal readonly record struct ProcessIdentity(int Id, uint Start)
{
    private const int NoSuchProcess = 3; // ESRCH, if the process exits between opening and reading the file
    private const int StartField = 19; // of the fields after the name in /proc/<pid>/stat

    // Failures are not cached, because descriptors may be available the next time. Two threads find the same value.
    private static readonly Lazy<ProcessIdentity> s_own = new(
        static () => new(Environment.ProcessId, StartOf(Environment.ProcessId) ?? 0), LazyThreadSafetyMode.PublicationOnly);

    /// <summary>The identity of this process.</summary>
    /// <exception cref="IOException">No descriptor or memory is available to read it; the next call tries again.</exception>
    public static ProcessIdentity Own => s_own.Value;

    /// <summary>Id and start time in one word; never 0 for a process.</summary>
    public ulong Word => ((ulong)Start << 32) | (uint)Id;

    /// <summary>Whether the process has not exited. A process that waits to be reaped has exited.</summary>
    /// <exception cref="IOException">The state is unknown: no descriptor or memory is available to read it.</exception>
    public bool IsAlive => StartOf(Id) == Start;

    public static ProcessIdentity From(ulong word) => new((int)(uint)word, (uint)(word >> 32));

    private static uint? StartOf(int id)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                using var process = Process.GetProcessById(id);
                return (uint)(process.StartTime.ToUniversalTime().Ticks / TimeSpan.TicksPerMillisecond);
            }

            ReadOnlySpan<char> stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            stat = stat[(stat.LastIndexOf(')') + 2)..];
            if (stat[0] is 'Z' or 'X' or 'x') return null;
            Span<Range> fields = stackalloc Range[StartField + 2];
            stat.Split(fields, ' ');
            return (uint)ulong.Parse(stat[fields[StartField]], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or IOException { HResult: NoSuchProcess }
            or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
        {
            return null; // the process does not exist or belongs to another user; all other errors state nothing about the process
        }
    }
}
