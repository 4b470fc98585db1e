namespace Samovar.Cli.Map.Running;

/// <summary>A worker's note about the item it is running: sent once when the item is slow, and for the method's own progress.</summary>
/// <param name="Worker">The worker, as in <see cref="ItemReport"/>.</param>
/// <param name="Number">The number of the item.</param>
/// <param name="Started">The start time, on the machine's monotonic clock.</param>
/// <param name="Input">The beginning of the item's text.</param>
/// <param name="Message">The method's own progress message; null for none.</param>
internal readonly record struct ItemNote(int Worker, long Number, long Started, string Input, string? Message);
