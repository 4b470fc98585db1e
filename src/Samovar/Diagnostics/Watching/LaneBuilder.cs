using Samovar.Diagnostics.Recording;

namespace Samovar.Diagnostics.Watching;

/// <summary>Turns attempts into a limited number of bars: short ones that follow one another in a lane become one bar, and of the others those that
/// succeeded in the shortest time are dropped first.</summary>
internal static class LaneBuilder
{
    /// <summary>Attempts that are shorter than this are joined: a screen does not show them separately.</summary>
    private const long ShortTicks = 5 * TimeSpan.TicksPerMillisecond;

    /// <summary>Builds the bars of one picture.</summary>
    /// <param name="attempts">The attempts, with the number of their executor.</param>
    /// <param name="most">The maximum number of bars.</param>
    /// <param name="dropped">How many attempts have no bar.</param>
    public static List<LaneBar> Build(IEnumerable<(int Executor, RecordedAttempt Attempt)> attempts, int most, out int dropped)
    {
        List<LaneBar> bars = [];
        Dictionary<(int Executor, int Worker), int> last = []; // the position of a lane's last bar
        foreach (var (executor, attempt) in attempts.OrderBy(static one => one.Attempt.Ended))
        {
            var bar = BarOf(executor, attempt);
            var lane = (executor, bar.Worker);
            if (last.TryGetValue(lane, out int at) && CanJoin(bars[at], bar))
            {
                bars[at] = bars[at] with { To = bar.To, Count = bars[at].Count + 1 };
                continue;
            }

            last[lane] = bars.Count;
            bars.Add(bar);
        }

        dropped = 0;
        if (bars.Count <= most) return bars;
        var kept = bars.OrderBy(static bar => bar.Outcome == AttemptOutcome.Succeeded).ThenByDescending(static bar => bar.To - bar.From).Take(most).ToHashSet(ReferenceEqualityComparer.Instance);
        dropped = bars.Where(bar => !kept.Contains(bar)).Sum(static bar => bar.Count);
        return bars.FindAll(kept.Contains);
    }

    private static LaneBar BarOf(int executor, in RecordedAttempt attempt) => new()
    {
        Executor = executor,
        Worker = attempt.Worker,
        From = attempt.Began,
        To = attempt.Ended,
        Submitted = attempt.Submitted,
        Function = attempt.Function,
        Id = attempt.Id,
        Attempt = attempt.Attempt,
        Outcome = attempt.Outcome,
    };

    private static bool CanJoin(LaneBar before, LaneBar bar) =>
        bar.To - bar.From < ShortTicks && (before.To - before.From < ShortTicks || before.Count > 1) && bar.From - before.To < ShortTicks
        && before.Outcome == bar.Outcome && before.Outcome == AttemptOutcome.Succeeded && before.Function == bar.Function;
}
