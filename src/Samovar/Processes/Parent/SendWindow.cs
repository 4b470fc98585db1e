using System.Diagnostics;

namespace Samovar.Processes.Parent;

/// <summary>How many tasks a worker may have at once: the one it runs, and those sent ahead so that it need not wait for the next.
/// Learned from how long tasks take. The owner locks.</summary>
internal struct SendWindow
{
    /// <summary>About how much work lies ahead of a worker; tasks that take longer travel one by one.</summary>
    private static readonly double s_ahead = Stopwatch.Frequency / 1000.0;

    private double _typical;

    public SendWindow() => _typical = s_ahead * 2;

    /// <summary>From 1.</summary>
    public int Size { get; private set; } = 1;

    /// <summary>Learns from tasks that have ended. The more there were, the more they count; a long one counts at once.</summary>
    /// <param name="count">How many.</param>
    /// <param name="took">How long together, in ticks of Stopwatch.</param>
    /// <param name="most">The largest window.</param>
    public void Learn(int count, long took, int most)
    {
        double each = (double)Math.Max(took, 0) / count;
        _typical += (each - _typical) * (each > _typical ? 0.5 : Math.Min(0.5, count / 8.0));
        Size = (int)Math.Clamp(s_ahead / Math.Max(_typical, 1), 1, most);
    }
}
