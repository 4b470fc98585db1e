using System.Globalization;

namespace Samovar.Cli.Map.Shell;

/// <summary>Delays starts: a least time between two, and while the machine is too busy. Thread-safe.</summary>
/// <param name="delay">The time between two starts; null for none.</param>
/// <param name="load">The load average from which no command starts; null for no limit.</param>
/// <param name="time">The clock.</param>
/// <param name="readLoad">Returns the load average.</param>
internal sealed class StartGate(TimeSpan? delay, double? load, TimeProvider time, Func<double> readLoad)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1); // the kernel updates the load average every five seconds

    private readonly Lock _gate = new();
    private long? _next; // gate: when the next command may start

    /// <summary>Waits until a command may start.</summary>
    /// <returns>False if no more commands start.</returns>
    public bool Wait(CancellationToken stop)
    {
        while (load is { } most && readLoad() >= most)
        {
            if (Sleep(s_pause, stop)) return false;
        }

        return delay is not { } pause || !Sleep(Reserve(pause), stop);
    }

    /// <summary>Reads the load average of the last minute.</summary>
    public static double ReadLoad() =>
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);

    // Each start has a place of its own in time, so that threads which wait together do not start together.
    private TimeSpan Reserve(TimeSpan pause)
    {
        lock (_gate)
        {
            long now = time.GetTimestamp();
            long mine = Math.Max(now, _next ?? now);
            _next = mine + (long)(pause.TotalSeconds * time.TimestampFrequency);
            return time.GetElapsedTime(now, mine);
        }
    }

    /// <summary>Returns whether the run was stopped meanwhile.</summary>
    private bool Sleep(TimeSpan length, CancellationToken stop)
    {
        if (length > TimeSpan.Zero)
        {
            using var woken = new ManualResetEventSlim();
            using ITimer timer = time.CreateTimer(static w => ((ManualResetEventSlim)w!).Set(), woken, length, System.Threading.Timeout.InfiniteTimeSpan);
            WaitHandle.WaitAny([woken.WaitHandle, stop.WaitHandle]);
        }

        return stop.IsCancellationRequested;
    }
}
