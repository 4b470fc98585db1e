using System.Diagnostics;

namespace Samovar.Processes.Parent;

/// <summary>How many tasks a worker may have at once: the one that it runs, and tasks sent ahead so that it need not wait for the next. Adjusted to
/// how long tasks take. The owner synchronizes access.</summary>
internal struct SendWindow
{
    /// <summary>How much work a worker has ahead, in Stopwatch ticks (about a millisecond); tasks that take longer are sent one by one.</summary>
    private static readonly double s_ahead = Stopwatch.Frequency / 1000.0;

    private double _typical;

    public SendWindow() => _typical = s_ahead * 2;

    /// <summary>The size of the window; at least 1.</summary>
    public int Size { get; private set; } = 1;

    /// <summary>Adjusts the window to tasks that have completed. The more tasks, the greater their weight; a long task counts
    /// immediately.</summary>
    /// <param name="count">The number of tasks.</param>
    /// <param name="took">How long they ran in total, in Stopwatch ticks.</param>
    /// <param name="most">The largest window.</param>
    public void Learn(int count, long took, int most)
    {
        double each = (double)Math.Max(took, 0) / count;
        _typical += (each - _typical) * (each > _typical ? 0.5 : Math.Min(0.5, count / 8.0));
        Size = (int)Math.Clamp(s_ahead / Math.Max(_typical, 1), 1, most);
    }
}
