using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Samovar.Hosting.Registrations;

/// <summary>The nodes of a host. A singleton of the container; thread-safe.</summary>
internal sealed class HostedNodes(IServiceProvider services, ExecutorRegistrations registrations)
{
    public IReadOnlyList<NodeEntry> Entries { get; } = [.. registrations.Nodes.Select(static registration => new NodeEntry(registration))];

    /// <summary>The configuration of all nodes; null if the container has no configuration.</summary>
    public IConfigurationSection? Sections => services.GetService<IConfiguration>()?.GetSection($"{registrations.Options.ConfigurationSection}:Nodes");

    /// <summary>Reads the options of a node, once.</summary>
    /// <exception cref="OptionsValidationException">The configuration is not valid.</exception>
    public ClusterNodeOptions OptionsOf(NodeEntry entry) => entry.Options ??= entry.Registration.ReadOptions(services, Sections);

    /// <summary>Returns a node; creates it if this is its first use.</summary>
    public ClusterNode Get(NodeEntry entry) => services.GetRequiredKeyedService<ClusterNode>(entry.Registration.Name);

    /// <summary>Returns the node that is the service without a key: the one without a name, or the first.</summary>
    public ClusterNode Plain() => Get(Entries.OrderBy(static entry => entry.Registration.Name.Length > 0).First());

    /// <summary>Creates a node. Called once for each, by the container.</summary>
    public ClusterNode Create(string name)
    {
        var entry = Entries.First(entry => entry.Registration.Name == name);
        return entry.Node = entry.Registration.Create(services, OptionsOf(entry));
    }
}
