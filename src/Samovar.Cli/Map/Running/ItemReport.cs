namespace Samovar.Cli.Map.Running;

/// <summary>What became of an item, as its worker tells it.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Text">The result's text (null for none), or the error's message.</param>
/// <param name="Started">On the machine's monotonic clock, which all its processes share; 0 where nobody knows.</param>
/// <param name="Elapsed">On the same clock.</param>
/// <param name="Worker">The process, or the thread's number within its executor.</param>
/// <param name="Attempt">Which attempt brought it, from 1.</param>
/// <param name="ErrorType">The error's type.</param>
/// <param name="Detail">The whole error, with its stack.</param>
internal readonly record struct ItemReport(
    ItemStatus Status, string? Text, long Started, long Elapsed, int Worker, int Attempt, string? ErrorType = null, string? Detail = null);

/// <summary>Carries a failed item's report where the map has to know of the failure: to try again.</summary>
internal sealed class ItemFailedException(ItemReport report) : Exception($"{report.ErrorType}: {report.Text}")
{
    public ItemReport Report => report;
}
