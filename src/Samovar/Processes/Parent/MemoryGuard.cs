using System.Diagnostics;
using System.Globalization;
using Samovar.Processes.Platform;
using Samovar.Processes.Worker;

namespace Samovar.Processes.Parent;

/// <summary>Watches over the memory of one process, for the thread that serves it.</summary>
/// <param name="limit">Bytes.</param>
internal sealed class MemoryGuard(long limit)
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private long _lookedAt;

    /// <summary>One for a limit; null for none.</summary>
    public static MemoryGuard? Of(long? limit) => limit is { } bytes ? new MemoryGuard(bytes) : null;

    /// <summary>Looks, unless it has done so a moment ago. A process that has begun to end is not there to be looked at.</summary>
    /// <returns>What it found to say, as the end of "was killed: "; null where the process is within its limit.</returns>
    public string? Look(int processId)
    {
        if (_lookedAt != 0 && Stopwatch.GetElapsedTime(_lookedAt) < Interval) return null;
        _lookedAt = Stopwatch.GetTimestamp();
        return BytesOf(processId) is { } bytes && bytes > limit
            ? string.Create(CultureInfo.InvariantCulture, $"it used {Megabytes(bytes):0.#} MiB, more than its limit of {Megabytes(limit):0.#} MiB ({nameof(ProcessExecutorOptions.HardMemoryLimit)})")
            : null;
    }

    private static double Megabytes(long bytes) => bytes / (1024.0 * 1024.0);

    /// <summary>As <see cref="OwnMemory"/>, of another process; null where it is not there.</summary>
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
            return null; // it has ended
        }
    }
}
