namespace Samovar.Diagnostics.Inspection;

/// <summary>What became of a request to run the work of a failed task again.</summary>
/// <param name="Task">The number of the new task; 0 if it was refused.</param>
/// <param name="Why">Why it was refused, as a sentence; null for a new task.</param>
internal readonly record struct RetryResult(long Task, string? Why)
{
    public static RetryResult Refused(string why) => new(0, why);
}
