namespace Samovar.Stress.Cluster.Faults;

/// <summary>What a client has seen of its tasks.</summary>
/// <param name="Outcomes">The state of each task at the end.</param>
/// <param name="CompletedAt">When each has completed, in seconds since 1970; 0 if it has not.</param>
/// <param name="Errors">How many tasks failed with which type of error.</param>
/// <param name="Completions">How often each task has completed.</param>
internal sealed record LoadReport(FutureState[] Outcomes, double[] CompletedAt, Dictionary<string, int> Errors, int[] Completions)
{
    /// <summary>Whether the executor did not stop within 30 seconds, although its shutdown kills what runs.</summary>
    public bool HasNotStopped { get; init; }

    public int Of(FutureState state) => Outcomes.Count(outcome => outcome == state);

    /// <summary>When each task that succeeded has completed: one that waits can be cancelled although nothing works.</summary>
    private IEnumerable<double> SucceededAt => CompletedAt.Where((_, task) => Outcomes[task] == FutureState.Succeeded);

    /// <summary>Returns how many tasks succeeded in a time.</summary>
    public int Within(double from, double to) => SucceededAt.Count(at => at >= from && at < to);

    /// <summary>Returns after how many seconds the first task succeeded; infinity if none did.</summary>
    public double FirstAfter(double moment) => SucceededAt.Where(at => at >= moment).DefaultIfEmpty(double.PositiveInfinity).Min() - moment;

    /// <summary>Returns the longest time within another one in which no task succeeded.</summary>
    public double LongestGap(double from, double to)
    {
        double[] moments = [from, .. SucceededAt.Where(at => at > from && at < to).Order(), to];
        return moments.Zip(moments.Skip(1), static (before, after) => after - before).Max();
    }

    public override string ToString() =>
        $"{Outcomes.Length:N0} tasks: {Of(FutureState.Succeeded):N0} succeeded, {Of(FutureState.Failed):N0} failed{(Errors.Count == 0 ? "" : $" ({string.Join(", ", Errors.Select(static error => $"{error.Value:N0} {error.Key}"))})")}, {Of(FutureState.Canceled):N0} cancelled";
}
