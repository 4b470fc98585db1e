namespace Samovar.Diagnostics.Watching.Advising.Rules;

/// <summary>Workers are lost, or do not start, again and again.</summary>
internal sealed class RestartRule() : AdviceRule("restarts")
{
    public override IEnumerable<Advice> Check(AdviceSituation situation)
    {
        foreach (var (executor, window) in situation.Minute("process", "cluster"))
        {
            long lost = window.WorkersLost, failed = window.FailedStarts;
            if (lost + failed <= situation.Limits.Restarts) continue;
            string starts = failed > 0 ? $", and {AdviceText.Count(failed, "start")} of workers failed" : "";
            yield return About(
                executor, AdviceSeverity.Warning,
                $"Executor '{executor.Statistics.Executor}' lost {AdviceText.Count(lost, "worker")} while they ran tasks in the last {AdviceText.Time(window.Span)}{starts}: "
                + "look at the crashes among its failures; each new worker has to start first.");
        }
    }
}
