namespace Samovar.Cli.Map.Running;

/// <summary>Word from a worker about the item it runs: sent once it runs for long, and with the method's own progress.</summary>
/// <param name="Worker">As in <see cref="ItemReport"/>.</param>
/// <param name="Number">The item.</param>
/// <param name="Started">When, on the machine's monotonic clock.</param>
/// <param name="Input">The beginning of its text.</param>
/// <param name="Message">The method's own words; null for none.</param>
internal readonly record struct ItemNote(int Worker, long Number, long Started, string Input, string? Message);
