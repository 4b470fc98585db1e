namespace Samovar;

/// <summary>How far a task has come, in its own words.</summary>
/// <param name="Fraction">From 0 to 1; null when the work does not know its end.</param>
/// <param name="Message">What it is doing; null for none.</param>
public readonly record struct TaskProgress(double? Fraction, string? Message = null);
