namespace Samovar.Benchmarks.SideBySide;

/// <summary>How a figure grows: the same work at many places, by several contestants.</summary>
/// <param name="Id">One word.</param>
/// <param name="Work">What is done.</param>
/// <param name="Across">What grows, with its unit.</param>
/// <param name="Unit">Of the figures.</param>
/// <param name="Places">Where it is measured, small ones first.</param>
/// <param name="Contestants">Who does it.</param>
internal sealed record Curve(string Id, string Work, string Across, string Unit, IReadOnlyList<double> Places, IReadOnlyList<CurveContestant> Contestants)
{
    /// <summary>How many of the last places a quick run leaves out.</summary>
    public int Slow { get; init; }

    /// <summary>The contestant's name without the curve: its key is "curve ID NAME".</summary>
    public string Key => $"curve {Id}";
}
