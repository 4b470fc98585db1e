namespace Samovar.Diagnostics.Watching.Advising;

/// <summary>Turns pictures into advice. Not thread-safe: each watcher has its own.</summary>
internal sealed class Advisor
{
    private readonly IAdviceRule[] _rules = [new BrokenExecutorRule()];

    /// <summary>Returns the advice for a picture, given those before it.</summary>
    public IReadOnlyList<Advice> Advise(Picture picture) => [.. _rules.SelectMany(rule => rule.Advise(picture))];
}
