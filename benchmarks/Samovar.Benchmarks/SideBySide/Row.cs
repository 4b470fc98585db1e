namespace Samovar.Benchmarks.SideBySide;

/// <summary>A row: a piece of work, done by Samovar, by its peers, and by a minimal hand-written program as the limit.</summary>
/// <param name="Id">The id: P1, or P1.part for another figure of the same work.</param>
/// <param name="Work">The work.</param>
/// <param name="Unit">The unit of the figures.</param>
/// <param name="HigherIsBetter">True for rates; false for times and memory.</param>
/// <param name="Goal">The figure that Samovar should reach.</param>
/// <param name="Peers">The peers.</param>
internal sealed record Row(string Id, string Work, string Unit, bool HigherIsBetter, double Goal, IReadOnlyList<Peer> Peers)
{
    /// <summary>Gets Samovar's contestant.</summary>
    public Peer Samovar { get; init; } = Peer.Samovar;

    /// <summary>Gets the contestant that is the limit; null for none.</summary>
    public Peer? Limit { get; init; }

    /// <summary>Gets why the goal is missed or a peer is faster, if so; benchmarks/README.md has the details.</summary>
    public string? Reason { get; init; }

    /// <summary>Gets whether the work always runs at full size. A quick run does it once without a warm-up instead of reducing it.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Gets whether the row measures new processes, which must not run with the environment that lets a quick run warm up sooner.</summary>
    public bool IsCold { get; init; }

    /// <summary>Gets the minimum number of warm-up figures, for rows that need warm memory.</summary>
    public int WarmUps { get; init; } = 1;

    /// <summary>Gets the id of the row of which this is a part: P2 for P2.hot.</summary>
    public string Family => Id.Split('.')[0];

    /// <summary>Gets whether a quick run measures the row: only the first of each family.</summary>
    public bool IsQuick => Id == Family;
}
