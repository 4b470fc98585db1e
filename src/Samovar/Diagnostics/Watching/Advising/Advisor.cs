using Samovar.Diagnostics.Watching.Advising.Rules;

namespace Samovar.Diagnostics.Watching.Advising;

/// <summary>Turns pictures into advice. Not thread-safe: each watcher has its own.</summary>
internal sealed class Advisor
{
    private readonly AdviceLimits _limits;
    private readonly AdviceFilter _filter;
    private readonly AdviceHistory _history = new();

    /// <summary>The rules; where two have sentences of the same severity, that which applied first comes first.</summary>
    private readonly AdviceRule[] _rules =
    [
        new BrokenExecutorRule(), new HeldLoopRule(), new LockWaitRule(), new StarvedPoolRule(), new RestartRule(), new FailingFunctionRule(), new IgnoredStopRule(), new ShippingRule(),
        new CapturedDataRule(), new GcPauseRule(), new LongQueueRule(), new TinyTaskRule(), new TooManyWorkersRule(), new SlowSourceRule(), new LastItemsRule(),
    ];

    public Advisor()
        : this(new AdviceLimits())
    {
    }

    public Advisor(AdviceLimits limits)
    {
        _limits = limits;
        _filter = new AdviceFilter(limits);
    }

    /// <summary>The names of the rules.</summary>
    public IEnumerable<string> Rules => _rules.Select(static rule => rule.Name);

    /// <summary>Returns the advice for a picture, given those before it.</summary>
    public IReadOnlyList<Advice> Advise(Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        _history.Add(picture);
        var situation = new AdviceSituation(picture, _history, _limits);
        return _filter.Pass(situation.Now.Elapsed, _rules.SelectMany(rule => rule.Check(situation).Select(advice => (advice, rule.IsImmediate))));
    }
}
