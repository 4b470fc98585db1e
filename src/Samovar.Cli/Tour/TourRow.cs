namespace Samovar.Cli.Tour;

/// <summary>One way of doing a lesson's work.</summary>
/// <param name="Chapter">The lesson's number.</param>
/// <param name="Title">The lesson's title.</param>
/// <param name="Way">How it was done.</param>
/// <param name="Seconds">How long that took.</param>
/// <param name="Result">What came out; ways that must agree show the same.</param>
/// <param name="Speedup">How many times as fast as the first way of the same work.</param>
internal sealed record TourRow(int Chapter, string Title, string Way, double Seconds, string Result, double Speedup);
