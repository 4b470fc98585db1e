namespace Samovar;

/// <summary>What <see cref="EventLoop.Explore"/> tried without breaking the test.</summary>
/// <param name="Schedules">How many times the test was run.</param>
/// <param name="DistinctOrders">In how many different orders. One means that the test leaves no choice.</param>
public sealed record Exploration(int Schedules, int DistinctOrders);
