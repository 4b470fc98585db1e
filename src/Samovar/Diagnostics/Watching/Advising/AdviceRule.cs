namespace Samovar.Diagnostics.Watching.Advising;

/// <summary>A rule that recognizes one problem. Not thread-safe: each watcher has its own.</summary>
/// <param name="name">The name of the rule.</param>
internal abstract class AdviceRule(string name)
{
    public string Name => name;

    /// <summary>Whether the sentence appears at once, and not only after the rule has applied for some seconds.</summary>
    public virtual bool IsImmediate => false;

    /// <summary>Returns the advice while the rule applies, at most one for an executor and function.</summary>
    public abstract IEnumerable<Advice> Check(AdviceSituation situation);

    /// <summary>Creates advice about an executor.</summary>
    protected Advice About(ExecutorPicture executor, AdviceSeverity severity, string text) =>
        new(name, severity, text) { Executor = executor.Number };

    /// <summary>Creates advice about the process.</summary>
    protected Advice About(AdviceSeverity severity, string text) => new(name, severity, text);
}
