namespace Samovar.Diagnostics.Watching.Advising;

/// <summary>Reports an executor that accepts no more work, or cannot start workers.</summary>
internal sealed class BrokenExecutorRule : IAdviceRule
{
    public IEnumerable<Advice> Advise(Picture picture)
    {
        foreach (var executor in picture.Executors)
        {
            var statistics = executor.Statistics;
            string? text = statistics switch
            {
                { BrokenBy: { } error } => $"Executor '{statistics.Executor}' accepts no more work: {error}",
                { StartError: { } error } => $"Executor '{statistics.Executor}' cannot start workers, {statistics.FailedStarts} starts have failed: {error}",
                _ => null,
            };
            if (text is not null) yield return new Advice("broken", AdviceSeverity.Error, text) { Executor = executor.Number };
        }
    }
}
