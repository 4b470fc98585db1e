using Samovar.Hosting.Health;

namespace Samovar.Hosting.Registrations;

/// <summary>What one host knows of one node. Thread-safe.</summary>
internal sealed class NodeEntry(NodeRegistration registration)
{
    private ClusterNode? _node;
    private ClusterNodeOptions? _options;

    public NodeRegistration Registration => registration;

    /// <summary>The node; null until it is created.</summary>
    public ClusterNode? Node
    {
        get => Volatile.Read(ref _node); // SYNC: node created
        set => Volatile.Write(ref _node, value); // SYNC: node created
    }

    /// <summary>The options of the node; null until they are read. Two threads may read them at the same time, with the same result.</summary>
    public ClusterNodeOptions? Options
    {
        get => Volatile.Read(ref _options); // SYNC: node options read
        set => Volatile.Write(ref _options, value); // SYNC: node options read
    }

    public NodeHealth Health { get; } = new();
}
