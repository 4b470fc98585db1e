namespace Samovar.Benchmarks.SideBySide;

/// <summary>How a row's ratio to one other contestant has changed between two results.</summary>
/// <param name="Contestant">The other contestant's name.</param>
/// <param name="Before">The ratio in the earlier result; above 1 Samovar was ahead.</param>
/// <param name="After">The ratio in the later result.</param>
internal sealed record RatioChange(string Contestant, double Before, double After)
{
    /// <summary>Gets the change: 0.5 if Samovar is half as fast as before, relative to the contestant.</summary>
    public double Factor => After / Before;

    /// <summary>Returns the best of the changes of a row, over the contestants that both results have; null if they have none in common.</summary>
    /// <remarks>The speed of a machine changes a ratio little, but a contestant may depend on the machine more than Samovar does: pipes and process
    /// starts do. So a row has become slower only if it lost ground to each of the contestants, its limit included.</remarks>
    /// <param name="before">The earlier result of the row.</param>
    /// <param name="after">The later result of the same row.</param>
    public static RatioChange? Best(RowResult before, RowResult after)
    {
        if (before.Samovar is not { } earlier || after.Samovar is not { } later) return null;
        return before.Peers
            .Join(after.Peers, static peer => peer.Name, static peer => peer.Name, (old, now) => new RatioChange(old.Name, Ratio(before, earlier, old), Ratio(after, later, now)))
            .Where(static change => double.IsFinite(change.Factor) && change.Factor > 0) // a figure of 0 says nothing about a ratio
            .MaxBy(static change => change.Factor);
    }

    private static double Ratio(RowResult row, double samovar, OtherFigure other) => row.HigherIsBetter ? samovar / other.Value : other.Value / samovar;
}
