namespace Samovar.Diagnostics.Watching.Advising.Rules;

/// <summary>The queue of the thread pool grows, while its threads wait.</summary>
internal sealed class StarvedPoolRule() : AdviceRule("starved-pool")
{
    public override IEnumerable<Advice> Check(AdviceSituation situation)
    {
        var process = situation.Picture.Process;
        if (!situation.IsLongEnough || process.PoolQueue < situation.Limits.PoolQueue || process.PoolQueue <= situation.Then.PoolQueue) yield break;
        double load = situation.Processors / process.Cores;
        if (process.PoolThreads > process.Cores && load >= situation.Limits.PoolProcessorShare) yield break;
        yield return About(
            AdviceSeverity.Warning,
            $"The thread pool is starved: {AdviceText.Count(process.PoolQueue, "work item")} wait for its {AdviceText.Count(process.PoolThreads, "thread")}, "
            + $"{AdviceText.Number(process.PoolQueue - situation.Then.PoolQueue)} more than {AdviceText.Time(situation.Span)} ago, and {AdviceText.Percent(load)} of the processors is in use. "
            + "Do not block in work items of the pool: await, or run blocking code in a ThreadExecutor.");
    }
}
