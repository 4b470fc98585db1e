namespace Samovar;

/// <summary>Specifies which members of a cluster receive a broadcast. A member receives it if its <see cref="ClusterMember.Audience"/> contains one of
/// the flags.</summary>
[Flags]
public enum ClusterAudience
{
    /// <summary>No members.</summary>
    None = 0,

    /// <summary>Executors, and members that observe what nodes report.</summary>
    Executors = 1,

    /// <summary>Nodes, and members that observe what executors report.</summary>
    Nodes = 2,

    /// <summary>All members.</summary>
    All = Executors | Nodes,
}
