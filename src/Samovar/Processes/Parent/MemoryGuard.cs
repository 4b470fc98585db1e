using System.Diagnostics;
using System.Globalization;
using Samovar.Processes.Platform;
using Samovar.Processes.Worker;

namespace Samovar.Processes.Parent;

/// <summary>Checks the memory of one process against a limit. Used by the thread that serves the process.</summary>
/// <param name="limit">The limit in bytes.</param>
internal sealed class MemoryGuard(long limit)
{
    /// <summary>The time between two checks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private long _lookedAt;

    /// <summary>Creates a guard for a limit; null if there is no limit.</summary>
    public static MemoryGuard? Of(long? limit) => limit is { } bytes ? new MemoryGuard(bytes) : null;

    /// <summary>Checks the memory of the process, unless the last check was less than <see cref="Interval"/> ago. A process that has begun to exit
    /// counts as within its limit.</summary>
    /// <returns>The reason for killing the process, as the end of "was killed: "; null if the process is within its limit.</returns>
    public string? Look(int processId)
    {
        if (_lookedAt != 0 && Stopwatch.GetElapsedTime(_lookedAt) < Interval) return null;
        _lookedAt = Stopwatch.GetTimestamp();
        return BytesOf(processId) is { } bytes && bytes > limit
            ? string.Create(CultureInfo.InvariantCulture, $"it used {Megabytes(bytes):0.#} MiB, more than its limit of {Megabytes(limit):0.#} MiB ({nameof(ProcessExecutorOptions.HardMemoryLimit)})")
            : null;
    }

    /// <summary>Returns the resident bytes of a process; null if it does not exist.</summary>
    public static long? ResidentBytesOf(int processId) => OperatingSystem.IsLinux() ? LinuxStatus.Read("VmRSS:", processId) : BytesOf(processId);

    private static double Megabytes(long bytes) => bytes / (1024.0 * 1024.0);

    /// <summary>Like <see cref="OwnMemory"/>, for another process; null if the process does not exist.</summary>
    private static long? BytesOf(int processId)
    {
        if (OperatingSystem.IsLinux()) return LinuxStatus.Read("RssAnon:", processId);
        try
        {
            using var process = Process.GetProcessById(processId);
            return process.WorkingSet64;
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            return null; // it has exited
        }
    }
}
