namespace Samovar;

/// <summary>The result of <see cref="EventLoop.Explore"/> if no order failed the test.</summary>
/// <param name="Schedules">How many times the test was run.</param>
/// <param name="DistinctOrders">How many different orders were tried. One means that the test never has two ready callbacks to choose from.</param>
public sealed record Exploration(int Schedules, int DistinctOrders);
