namespace Samovar;

/// <summary>A snapshot of a <see cref="CapacityLimiter"/>.</summary>
/// <param name="Total">The number of slots.</param>
/// <param name="Borrowed">The number of borrowed slots. It can exceed <paramref name="Total"/> for a while after the total was decreased.</param>
/// <param name="Waiting">The number of waiters.</param>
/// <param name="Borrowers">A description of each borrower, in the order in which they borrowed.</param>
public sealed record CapacityStatistics(int Total, int Borrowed, int Waiting, IReadOnlyList<string> Borrowers);
