using Samovar.Diagnostics.Inspection;

namespace Samovar.Diagnostics.Watching.Advising.Rules;

/// <summary>A map waits for its last items, which take long, while other workers have nothing to do.</summary>
internal sealed class LastItemsRule() : AdviceRule("last-items")
{
    public override IEnumerable<Advice> Check(AdviceSituation situation)
    {
        foreach (var executor in situation.Picture.Executors)
        {
            foreach (var map in executor.Maps)
            {
                if (About(situation.Limits, executor, map) is { } advice) yield return advice;
            }
        }
    }

    private Advice? About(AdviceLimits limits, ExecutorPicture executor, MapActivity map)
    {
        if (map.HasEnded || map.Total is not { } total || map.Running == 0 || total - map.Completed != map.Running) return null;
        long workers = executor.Figures.Idle + executor.Figures.Busy;
        if (executor.Figures.Idle <= workers * limits.TailIdleShare) return null;
        var longest = executor.Activity.Running.Where(task => task.Function == map.Function).Select(static task => task.For).DefaultIfEmpty().Max();
        var usual = map.Times?.Percentile(0.5) ?? TimeSpan.MaxValue;
        if (longest < limits.TailTime || longest / limits.TailFactor <= usual) return null;
        string name = map.Name ?? map.Function;
        return About(
            executor, AdviceSeverity.Info,
            $"Map '{name}' of executor '{executor.Statistics.Executor}' waits for its last {AdviceText.Count(map.Running, "item")} of {AdviceText.Number(total)}, "
            + $"for {AdviceText.Time(longest)} so far, while {AdviceText.Number(executor.Figures.Idle)} of {AdviceText.Count(workers, "worker")} {(executor.Figures.Idle == 1 ? "is" : "are")} idle; "
            + $"its items usually take {AdviceText.Time(usual)} (p50). Put the long items first in the source, or divide them.") with
        { Function = map.Function };
    }
}
