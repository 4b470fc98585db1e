namespace Samovar;

/// <summary>A snapshot of a <see cref="CapacityLimiter"/>.</summary>
/// <param name="Total">Places in all.</param>
/// <param name="Borrowed">Places taken; more than there are, for a while, after the total was made smaller.</param>
/// <param name="Waiting">Those who wait for one.</param>
/// <param name="Borrowers">Who has one, in words, in the order they came.</param>
public sealed record CapacityStatistics(int Total, int Borrowed, int Waiting, IReadOnlyList<string> Borrowers);
