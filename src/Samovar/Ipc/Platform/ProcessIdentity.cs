using System.Diagnostics;
using System.Globalization;

namespace Samovar.Ipc.Platform;

/// <summary>A process for ever, where a process id alone comes to mean another one: its id and when it started.</summary>
/// <param name="Id">The process id.</param>
/// <param name="Start">On Linux clock ticks since the system's start, elsewhere milliseconds of the clock; the lower 32 bits.</param>
internal readonly record struct ProcessIdentity(int Id, uint Start)
{
    private const int NoSuchProcess = 3; // ESRCH, where it ends between being opened and being read
    private const int StartField = 19; // of those behind the name in /proc/<pid>/stat

    // Not remembering a failure: descriptors may be free again the next time. What two threads find is the same.
    private static readonly Lazy<ProcessIdentity> s_own = new(
        static () => new(Environment.ProcessId, StartOf(Environment.ProcessId) ?? 0), LazyThreadSafetyMode.PublicationOnly);

    /// <summary>This process.</summary>
    /// <exception cref="IOException">No descriptor or memory is left to look with; the next call looks again.</exception>
    public static ProcessIdentity Own => s_own.Value;

    /// <summary>Both in one word; never 0 for a process.</summary>
    public ulong Word => ((ulong)Start << 32) | (uint)Id;

    /// <summary>Whether it has not ended. One that waits to be reaped has.</summary>
    /// <exception cref="IOException">It cannot be known now: no descriptor or memory is left to look with.</exception>
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
            return null; // how both ways say that there is none, or another user's; whatever else goes wrong says nothing of the process
        }
    }
}
