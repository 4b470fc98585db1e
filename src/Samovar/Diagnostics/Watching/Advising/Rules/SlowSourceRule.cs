namespace Samovar.Diagnostics.Watching.Advising.Rules;

/// <summary>Workers wait for tasks, because they are submitted more slowly than they complete.</summary>
internal sealed class SlowSourceRule() : AdviceRule("slow-source")
{
    public override IEnumerable<Advice> Check(AdviceSituation situation)
    {
        var limits = situation.Limits;
        foreach (var (executor, window) in situation.Recent("process", "thread", "cluster"))
        {
            double rate = window.PerSecond(window.Submitted), idle = window.IdleShare;
            if (idle <= limits.IdleShare || rate < limits.SourceRate || window.EmptyQueueShare < limits.EmptyQueueShare || window.Completed == 0) continue;
            long workers = executor.Figures.Idle + executor.Figures.Busy;
            yield return About(
                executor, AdviceSeverity.Info,
                $"The {AdviceText.Count(workers, "worker")} of executor '{executor.Statistics.Executor}' {(workers == 1 ? "is" : "are")} idle for {AdviceText.Percent(idle)} of the time, "
                + $"and its queue is empty: {AdviceText.Rate(rate)} tasks a second are submitted, and each runs for {AdviceText.Time(window.Run().Percentile(0.5))} (p50). "
                + "The source of the tasks is the limit: make it faster, or use fewer workers.");
        }
    }
}
