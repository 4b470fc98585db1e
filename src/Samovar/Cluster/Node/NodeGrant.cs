namespace Samovar.Cluster.Node;

/// <summary>What an attempt requires of its node. The gate of the <see cref="NodeResources"/> guards it.</summary>
/// <param name="number">The position among all requests of the node.</param>
/// <param name="parts">For each resource its place and the amount in ten-thousandths.</param>
internal sealed class NodeGrant(long number, (int Place, long Amount)[] parts)
{
    public long Number => number;

    public (int Place, long Amount)[] Parts => parts;

    /// <summary>For each part its units, and the unit that is shared. Valid while it is held.</summary>
    public (ulong Units, int Shared)[] Units { get; } = new (ulong, int)[parts.Length];

    /// <summary>Whether the attempt has the resources.</summary>
    public bool IsHeld { get; set; }
}
