namespace Samovar.Diagnostics.Watching.Advising;

/// <summary>A sentence on what could be better, with its figures and what to do.</summary>
/// <param name="Rule">The name of the rule.</param>
/// <param name="Severity">How important it is.</param>
/// <param name="Text">The sentence.</param>
internal sealed record Advice(string Rule, AdviceSeverity Severity, string Text)
{
    /// <summary>The number of the executor that it is about; null if it is about the whole process.</summary>
    public int? Executor { get; init; }

    /// <summary>The function that it is about; null if it is about no single one.</summary>
    public string? Function { get; init; }
}
