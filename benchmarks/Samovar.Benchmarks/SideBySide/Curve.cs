namespace Samovar.Benchmarks.SideBySide;

/// <summary>A curve: the same work of growing size, by several contestants.</summary>
/// <param name="Id">The id, a single word.</param>
/// <param name="Work">The work.</param>
/// <param name="Across">The quantity that grows, with its unit.</param>
/// <param name="Unit">The unit of the figures.</param>
/// <param name="Places">The places along the curve, in ascending order.</param>
/// <param name="Contestants">The contestants.</param>
internal sealed record Curve(string Id, string Work, string Across, string Unit, IReadOnlyList<double> Places, IReadOnlyList<CurveContestant> Contestants)
{
    /// <summary>Gets the number of places, from the last, that a quick run skips.</summary>
    public int Slow { get; init; }

    /// <summary>Gets the prefix of the contestants' keys, which are <c>curve ID NAME</c>.</summary>
    public string Key => $"curve {Id}";
}
