namespace Samovar.Benchmarks.SideBySide;

/// <summary>One piece of work, done by Samovar, by its peers and by the tightest program that can be written for it.</summary>
/// <param name="Id">P1, or P1.part for a further figure of the same work.</param>
/// <param name="Work">What is done.</param>
/// <param name="Unit">Of the figures.</param>
/// <param name="HigherIsBetter">For rates; not for times and memory.</param>
/// <param name="Goal">The figure that Samovar is to reach.</param>
/// <param name="Peers">Who else does it.</param>
internal sealed record Row(string Id, string Work, string Unit, bool HigherIsBetter, double Goal, IReadOnlyList<Peer> Peers)
{
    /// <summary>Samovar's contestant.</summary>
    public Peer Samovar { get; init; } = Peer.Samovar;

    /// <summary>The limit, where there is one to be measured.</summary>
    public Peer? Limit { get; init; }

    /// <summary>Why the goal is missed, or a peer ahead, where that is so. The whole story is in benchmarks/README.md.</summary>
    public string? Reason { get; init; }

    /// <summary>The work is only itself at full size: it is not made smaller when time is short, but done once, without a warm-up.</summary>
    public bool IsWhole { get; init; }

    /// <summary>New processes are what is measured: they run as they are, and not with what a quick run sets to be warm sooner.</summary>
    public bool IsCold { get; init; }

    /// <summary>How many figures are thrown away at the least, where memory has to become warm first.</summary>
    public int WarmUps { get; init; } = 1;

    /// <summary>The row that this is a part of: P2 for P2.hot.</summary>
    public string Family => Id.Split('.')[0];

    /// <summary>Whether it is measured when time is short: the first of each family.</summary>
    public bool IsQuick => Id == Family;
}
