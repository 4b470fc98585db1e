namespace Samovar.Cluster.Members;

/// <summary>The role of a member in its cluster.</summary>
internal enum MemberRole
{
    /// <summary>It submits tasks.</summary>
    Executor,

    /// <summary>It runs tasks.</summary>
    Node,
}
