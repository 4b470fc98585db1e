namespace Samovar.Diagnostics.Watching.Advising;

/// <summary>How important an <see cref="Advice"/> is.</summary>
internal enum AdviceSeverity
{
    Info,
    Warning,
    Error,
}
