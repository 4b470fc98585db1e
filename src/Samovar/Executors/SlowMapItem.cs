namespace Samovar;

/// <summary>One of the slowest items of a map. Immutable.</summary>
/// <param name="Index">The item's index in the source, counted from 0.</param>
/// <param name="Duration">How long it ran; of an item with retries, its last attempt.</param>
/// <param name="Argument">The item as text, on one line of at most 100 characters. See <see cref="MapProgress.DescribeItem"/>.</param>
/// <param name="Worker">The name of the worker that ran it.</param>
public sealed record SlowMapItem(long Index, TimeSpan Duration, string Argument, string? Worker);
