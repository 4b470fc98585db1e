using System.Runtime.InteropServices;
using Samovar.Diagnostics.Recording;

namespace Samovar.Diagnostics.Watching;

/// <summary>Turns attempts into a limited number of bars: short ones that follow one another in a lane become one bar, and of the others those that
/// succeeded in the shortest time are dropped first.</summary>
internal static class LaneBuilder
{
    /// <summary>Attempts that are shorter than this are joined: a screen does not show them separately.</summary>
    private const long ShortTicks = 5 * TimeSpan.TicksPerMillisecond;

    /// <summary>Builds the bars of one picture.</summary>
    /// <param name="executors">The numbers of the executors, and their attempts.</param>
    /// <param name="most">The maximum number of bars.</param>
    /// <param name="dropped">How many attempts have no bar.</param>
    public static List<LaneBar> Build(List<(int Number, List<RecordedAttempt> Attempts)> executors, int most, out int dropped)
    {
        List<LaneBar> bars = [];
        Dictionary<(int Executor, int Worker), LaneBar> last = []; // the last bar of each lane
        foreach (var place in InOrder(executors))
        {
            int executor = executors[place.Executor].Number;
            ref readonly var attempt = ref CollectionsMarshal.AsSpan(executors[place.Executor].Attempts)[place.Attempt];
            ref var before = ref CollectionsMarshal.GetValueRefOrAddDefault(last, (executor, attempt.Worker), out _);
            if (before is not null && CanJoin(before, attempt))
            {
                before.To = attempt.Ended;
                before.Count++;
                continue;
            }

            bars.Add(before = BarOf(executor, attempt));
        }

        dropped = 0;
        if (bars.Count <= most) return bars;
        var kept = bars.OrderBy(static bar => bar.Outcome == AttemptOutcome.Succeeded).ThenByDescending(static bar => bar.To - bar.From).Take(most).ToHashSet(ReferenceEqualityComparer.Instance);
        dropped = bars.Where(bar => !kept.Contains(bar)).Sum(static bar => bar.Count);
        return bars.FindAll(kept.Contains);
    }

    /// <summary>Returns the places of the attempts, those that ended first first. The attempts themselves are large, and are not copied.</summary>
    private static List<(long Ended, int Executor, int Attempt)> InOrder(List<(int Number, List<RecordedAttempt> Attempts)> executors)
    {
        List<(long Ended, int Executor, int Attempt)> places = new(executors.Sum(static executor => executor.Attempts.Count));
        for (int executor = 0; executor < executors.Count; executor++)
        {
            var attempts = CollectionsMarshal.AsSpan(executors[executor].Attempts);
            for (int i = 0; i < attempts.Length; i++) places.Add((attempts[i].Ended, executor, i));
        }

        places.Sort();
        return places;
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

    private static bool CanJoin(LaneBar before, in RecordedAttempt attempt) =>
        attempt.Ended - attempt.Began < ShortTicks && (before.To - before.From < ShortTicks || before.Count > 1) && attempt.Began - before.To < ShortTicks
        && before.Outcome == attempt.Outcome && before.Outcome == AttemptOutcome.Succeeded && before.Function == attempt.Function;
}
