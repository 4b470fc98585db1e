using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Samovar.Hosting.Configuration;

namespace Samovar.Hosting.Registrations;

/// <summary>A <see cref="ClusterNode"/> that was added to the services. Immutable.</summary>
internal sealed class NodeRegistration(
    string name, Func<IServiceProvider, ClusterTransport> transport, Func<IServiceProvider, ClusterNodeOptions, ClusterNodeOptions> configure)
    : Registration("node", name)
{
    /// <summary>Reads the options: those of the program, with the values of the configuration.</summary>
    /// <param name="services">The container.</param>
    /// <param name="sections">The configuration of all nodes; null for none.</param>
    /// <exception cref="OptionsValidationException">The configuration is not valid; there is one failure for each key.</exception>
    public ClusterNodeOptions ReadOptions(IServiceProvider services, IConfigurationSection? sections)
    {
        var defaults = new ClusterNodeOptions { LoggerFactory = LoggersIn(services), MeterFactory = MetersIn(services), Keys = KeysIn(services) };
        var options = Checked(configure(services, defaults), "configures");
        options = options with { WorkerOptions = options.WorkerOptions with { } };
        var children = sections?.GetChildren() ?? [];
        if (children.FirstOrDefault(child => OptionsBinder.IsKey(child, Section)) is not { } section) return options;

        List<string> errors = [];
        OptionsBinder.Bind(options, section, OptionKeys.OfNode, errors);
        if (section.GetChildren().FirstOrDefault(static key => OptionsBinder.IsKey(key, nameof(ClusterNodeOptions.WorkerOptions))) is { } workers)
            OptionsBinder.Bind(options.WorkerOptions, workers, OptionKeys.OfNodeWorkers, errors);
        return errors.Count == 0 ? options : throw new OptionsValidationException(Name, typeof(ClusterNodeOptions), errors);
    }

    public ClusterNode Create(IServiceProvider services, ClusterNodeOptions options) => new(Checked(transport(services), "creates the transport of"), options);
}
