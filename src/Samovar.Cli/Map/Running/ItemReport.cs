using Samovar.Cli.Map.Shell;

namespace Samovar.Cli.Map.Running;

/// <summary>A worker's report of a finished item.</summary>
/// <param name="Status">The item's status.</param>
/// <param name="Text">The result's text (null for none), or the error's message.</param>
/// <param name="Started">The start time on the machine's monotonic clock, which all processes share; 0 if unknown.</param>
/// <param name="Elapsed">The duration, in ticks of the same clock.</param>
/// <param name="Worker">The worker's process id, or the thread's number within its executor.</param>
/// <param name="Attempt">The attempt that produced the report, from 1.</param>
/// <param name="ErrorType">The error's type.</param>
/// <param name="Detail">The complete error, with its stack trace.</param>
/// <param name="Command">How the item's command exited, and what it wrote; null for a method.</param>
/// <param name="IsFromCache">Whether the result was kept by an earlier run, so that the item did not run.</param>
internal readonly record struct ItemReport(
    ItemStatus Status, string? Text, long Started, long Elapsed, int Worker, int Attempt, string? ErrorType = null, string? Detail = null,
    CommandResult? Command = null, bool IsFromCache = false);

/// <summary>Carries a failed item's report to the map, which needs an exception in order to retry.</summary>
internal sealed class ItemFailedException(ItemReport report) : Exception($"{report.ErrorType}: {report.Text}")
{
    public ItemReport Report => report;
}
