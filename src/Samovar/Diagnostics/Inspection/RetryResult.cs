namespace Samovar.Diagnostics.Inspection;

/// <summary>What became of a request to run the work of a failed task again.</summary>
/// <param name="Task">The number of the new task; 0 if there is none.</param>
/// <param name="Why">Why there is none, as a sentence; null if there is one.</param>
internal readonly record struct RetryResult(long Task, string? Why)
{
    public static RetryResult Refused(string why) => new(0, why);
}
