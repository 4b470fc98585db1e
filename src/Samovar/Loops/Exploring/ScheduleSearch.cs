using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Text;
using Samovar.Loops.Scheduling;

namespace Samovar.Loops.Exploring;

/// <summary>Searches for an order that fails a test, and then for the smallest one that does.</summary>
/// <param name="test">The test.</param>
/// <param name="newLoop">Creates the loop for one run, on the calling thread and in virtual time.</param>
internal sealed class ScheduleSearch(Func<Task> test, Func<LoopSchedule, LoopScheduler> newLoop)
{
    private const int MostTrials = 500; // for shrinking

    private int _trials;

    public Exploration Run(int schedules)
    {
        var orders = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < schedules; i++)
        {
            var schedule = i == 0 ? LoopSchedule.InOrder : LoopSchedule.Seeded(i);
            var trial = Try(schedule);
            if (trial.Error is not null) throw Failed(schedule, trial, i + 1);
            orders.Add(LoopSchedule.Of(trial.Run.Switches).ToString());
        }

        return new Exploration(schedules, orders.Count);
    }

    /// <summary>Runs the test once.</summary>
    public Trial Try(LoopSchedule schedule, bool explains = false)
    {
        ExceptionDispatchInfo? error = null;
        var scheduler = newLoop(schedule);
        var run = (ScheduleRun)scheduler.Loop.Order!;
        run.Explains = explains;
        scheduler.UnobservedFailure += failure =>
        {
            if (failure.Source is FailureSource.DetachedWork or FailureSource.Future or FailureSource.SystemTimer) error ??= ExceptionDispatchInfo.Capture(failure.Exception);
        };
        try
        {
            scheduler.Program.Run(test, test, hearsInterrupts: false).GetAwaiter().GetResult();
        }
        catch (Exception ofTest)
        {
            // A failure of the test is what the search looks for.
            error = ExceptionDispatchInfo.Capture(ofTest);
        }

        return new Trial(run, error);
    }

    private ScheduleFailedException Failed(LoopSchedule found, Trial trial, int tried)
    {
        var smallest = Shrink(trial);
        bool isUsual = smallest.Count == 0;
        var schedule = isUsual ? LoopSchedule.InOrder : LoopSchedule.Of(smallest);
        var again = Try(schedule, explains: true);
        string order = ReferenceEquals(found, LoopSchedule.InOrder) ? "the default order" : $"order '{found}', found in run {tried}";
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"The test fails in {order}: {(again.Error ?? trial.Error!).SourceException.Message}").AppendLine();
        if (again.Error is null)
        {
            text.Append("The failure could not be repeated: something other than the order of callbacks differs from run to run.");
            return new ScheduleFailedException(text.ToString(), trial.Error!.SourceException, found, found);
        }

        text.Append(CultureInfo.InvariantCulture, $"Replay it with EventLoop.Replay(test, {(isUsual ? "LoopSchedule.InOrder" : $"LoopSchedule.Parse(\"{schedule}\")")}). ");
        text.Append(isUsual ? "It fails without any reordering." : string.Create(CultureInfo.InvariantCulture, $"Reorderings that matter, {smallest.Count} of {trial.Run.Switches.Count}:"));
        foreach (string line in again.Run.Explanations) text.AppendLine().Append("  ").Append(line);
        return new ScheduleFailedException(text.ToString(), again.Error.SourceException, found, schedule);
    }

    /// <summary>Removes parts of the reorderings, halves first, as long as the test still fails (A. Zeller, R. Hildebrandt, <em>Simplifying and
    /// Isolating Failure-Inducing Input</em>, 2002); then replaces distant places by nearer ones.</summary>
    private List<(int Step, int Place)> Shrink(Trial trial)
    {
        List<(int Step, int Place)> switches = [.. trial.Run.Switches];
        for (int size = Math.Max(1, switches.Count / 2); size > 0 && _trials < MostTrials;)
        {
            bool hasShrunk = false;
            for (int start = 0; start < switches.Count && _trials < MostTrials;)
            {
                List<(int Step, int Place)> fewer = [.. switches.Take(start), .. switches.Skip(start + size)];
                if (Breaks(fewer, trial) is { } taken && taken.Count < switches.Count)
                {
                    switches = taken;
                    hasShrunk = true;
                }
                else
                {
                    start += size;
                }
            }

            if (size == 1 && !hasShrunk) break;
            size = Math.Max(1, Math.Min(size / 2, switches.Count / 2));
        }

        for (int i = 0; i < switches.Count && _trials < MostTrials; i++)
        {
            while (i < switches.Count && switches[i].Place > 1 && _trials < MostTrials)
            {
                List<(int Step, int Place)> nearer = [.. switches];
                nearer[i] = (nearer[i].Step, nearer[i].Place - 1);
                if (Breaks(nearer, trial) is not { } taken || taken.Count > switches.Count || taken.SequenceEqual(switches)) break;
                switches = taken; // the choices that were actually made: later places may have been clamped or not reached
            }
        }

        return switches;
    }

    /// <summary>Returns the reorderings that were actually made if the test fails with them in the same way; otherwise null.</summary>
    private List<(int Step, int Place)>? Breaks(List<(int Step, int Place)> switches, Trial original)
    {
        _trials++;
        var trial = Try(LoopSchedule.Of(switches));
        return trial.Error?.SourceException.GetType() == original.Error!.SourceException.GetType() ? trial.Run.Switches : null;
    }

    internal sealed record Trial(ScheduleRun Run, ExceptionDispatchInfo? Error);
}
