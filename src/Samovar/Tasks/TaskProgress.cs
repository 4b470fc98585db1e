namespace Samovar;

/// <summary>The progress of a task, as its work reports it.</summary>
/// <param name="Fraction">The completed fraction, from 0 to 1; null if it is unknown.</param>
/// <param name="Message">A description of the current step; null for none.</param>
public readonly record struct TaskProgress(double? Fraction, string? Message = null);
