using Samovar.Cluster.Protocol;

namespace Samovar.Cluster.Node;

/// <summary>Identifies an attempt on a node.</summary>
internal readonly record struct NodeItemKey(Guid Owner, TaskKey Task);
