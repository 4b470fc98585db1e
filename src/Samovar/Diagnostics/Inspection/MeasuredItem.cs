namespace Samovar.Diagnostics.Inspection;

/// <summary>An item of a map that took long.</summary>
/// <param name="Index">Its index in the source.</param>
/// <param name="Took">How long it ran.</param>
/// <param name="Text">What it is, shortened; empty if its progress was not requested.</param>
/// <param name="Worker">The worker that ran it; null if it is not known.</param>
internal readonly record struct MeasuredItem(long Index, TimeSpan Took, string Text, string? Worker);
