using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Samovar.Hosting.Registrations;

/// <summary>An executor or a node as it was added to the services: its name, and the section of its configuration. Immutable.</summary>
internal abstract class Registration
{
    private const string SectionWithoutName = "Default";

    /// <param name="what">What it is, for errors.</param>
    /// <param name="name">The name; empty for none.</param>
    protected Registration(string what, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length > 0 && string.IsNullOrWhiteSpace(name)) throw new ArgumentException($"The name of the {what} must not be white space.", nameof(name));
        if (name.Contains(ConfigurationPath.KeyDelimiter, StringComparison.Ordinal))
            throw new ArgumentException($"The name '{name}' must not contain ':', which separates the sections of a configuration.", nameof(name));
        What = what;
        Name = name;
    }

    /// <summary>What it is, for errors: <c>executor</c> or <c>node</c>.</summary>
    public string What { get; }

    public string Name { get; }

    /// <summary>The section of the configuration, below <c>Executors</c> or <c>Nodes</c>.</summary>
    public string Section => Name.Length == 0 ? SectionWithoutName : Name;

    protected static ILoggerFactory? LoggersIn(IServiceProvider services) => services.GetService<ILoggerFactory>();

    protected static IMeterFactory? MetersIn(IServiceProvider services) => services.GetService<IMeterFactory>();

    /// <summary>Returns the keys of clusters that the program has registered as a service; null for none.</summary>
    protected static ClusterKeys? KeysIn(IServiceProvider services) => services.GetService<ClusterKeys>();

    /// <summary>Throws if a delegate of the program has returned null.</summary>
    /// <param name="value">What it has returned.</param>
    /// <param name="does">What the delegate does.</param>
    protected T Checked<T>(T? value, string does)
        where T : class =>
        value ?? throw new InvalidOperationException($"The delegate that {does} {What} '{Name}' has returned null.");
}
