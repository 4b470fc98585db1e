namespace Samovar.Diagnostics.Watching.Advising.Rules;

/// <summary>An executor accepts no more work, or cannot start workers.</summary>
internal sealed class BrokenExecutorRule() : AdviceRule("broken")
{
    public override bool IsImmediate => true;

    public override IEnumerable<Advice> Check(AdviceSituation situation)
    {
        foreach (var executor in situation.Picture.Executors)
        {
            var statistics = executor.Statistics;
            if (statistics.BrokenBy is { } broken)
            {
                yield return About(
                    executor, AdviceSeverity.Error,
                    $"Executor '{statistics.Executor}' is broken and accepts no more work: {AdviceText.Error(broken)}. Fix the cause, and create a new executor.");
            }
            else if (statistics.StartError is { } error)
            {
                yield return About(
                    executor, AdviceSeverity.Error,
                    $"Executor '{statistics.Executor}' cannot start workers ({AdviceText.Count(statistics.FailedStarts, "failed start")}, {AdviceText.Count(statistics.Queued, "task")} queued): {AdviceText.Error(error)}.");
            }
        }
    }
}
