namespace Samovar.Diagnostics.Watching.Advising;

/// <summary>What a rule decides on: a picture, and what happened in the time before it.</summary>
/// <param name="picture">The picture.</param>
/// <param name="history">The totals of the time before.</param>
/// <param name="limits">The thresholds.</param>
internal sealed class AdviceSituation(Picture picture, AdviceHistory history, AdviceLimits limits)
{
    private readonly Dictionary<int, ExecutorWindow?> _recent = [];
    private readonly Dictionary<int, ExecutorWindow?> _minute = [];

    public Picture Picture => picture;

    public AdviceLimits Limits => limits;

    /// <summary>The totals now.</summary>
    public ProcessMoment Now => history.Now!;

    /// <summary>The totals some seconds ago.</summary>
    public ProcessMoment Then => history.Recent;

    /// <summary>The time between <see cref="Then"/> and <see cref="Now"/>.</summary>
    public TimeSpan Span => Now.Elapsed - Then.Elapsed;

    /// <summary>Whether <see cref="Span"/> is long enough for shares and rates.</summary>
    public bool IsLongEnough => Span >= limits.LeastSpan;

    /// <summary>How many processors this process used on average.</summary>
    public double Processors => Span > TimeSpan.Zero ? (Now.ProcessorTime - Then.ProcessorTime) / Span : 0;

    /// <summary>Returns the executors of some types with what happened in the last seconds. Empty if the time is too short.</summary>
    public IEnumerable<(ExecutorPicture Executor, ExecutorWindow Window)> Recent(params string[] types) => IsLongEnough ? Windows(_recent, history.Recent, types) : [];

    /// <summary>Returns the executors of some types, or all, with what happened in the last minute.</summary>
    public IEnumerable<(ExecutorPicture Executor, ExecutorWindow Window)> Minute(params string[] types) => Windows(_minute, history.MinuteAgo, types);

    private IEnumerable<(ExecutorPicture Executor, ExecutorWindow Window)> Windows(Dictionary<int, ExecutorWindow?> known, ProcessMoment then, string[] types)
    {
        foreach (var executor in picture.Executors)
        {
            if (types.Length > 0 && !types.Contains(executor.Type)) continue;
            if (!known.TryGetValue(executor.Number, out var window))
            {
                window = then.Executors.TryGetValue(executor.Number, out var before)
                    ? new ExecutorWindow(before, Now.Executors[executor.Number], Now.Elapsed - then.Elapsed)
                    : null; // it was created since
                known.Add(executor.Number, window);
            }

            if (window is not null) yield return (executor, window);
        }
    }
}
