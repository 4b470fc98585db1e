using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Samovar.Hosting.Registrations;

namespace Samovar.Hosting;

/// <summary>Adds executors, and nodes of clusters, to the services of a host: see <see cref="SamovarServices.AddSamovar"/>.</summary>
/// <remarks>
/// <para>Each executor is a keyed singleton under its own type and under <see cref="Executor"/>; the key is its name. The first executor of a type,
/// or the one whose name is empty, is also the service without a key.</para>
/// <para>Options come from, in this order, each overriding the one before: the defaults, with the logger factory, the <see cref="TimeProvider"/>
/// and the meter factory of the container; the delegate; the section <c>Samovar:Executors:NAME</c> of the configuration, or
/// <c>Samovar:Executors:Default</c> for the executor whose name is empty. They are read once, before the executor is created: later changes of the
/// configuration have no effect. Nodes are the same, with the section <c>Samovar:Nodes:NAME</c>.</para>
/// <para>Not thread-safe, as the services of a host are not.</para>
/// </remarks>
public sealed class SamovarBuilder
{
    private readonly ExecutorRegistrations _registrations;

    internal SamovarBuilder(IServiceCollection services, ExecutorRegistrations registrations)
    {
        Services = services;
        _registrations = registrations;
    }

    /// <summary>Gets the services of the host.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Adds an executor on worker processes.</summary>
    /// <param name="name">The name: the key of the service, the section of the configuration, and the executor's own name. May be empty, for the
    /// executor without a key; must not contain ":".</param>
    /// <param name="configure">Returns the changed options (<c>options => options with { Workers = 4 }</c>); null for the options as they
    /// are.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The name is in use, white space, or contains ":".</exception>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    public SamovarBuilder AddProcessExecutor(string name, Func<ProcessExecutorOptions, ProcessExecutorOptions>? configure = null) =>
        Add<ProcessExecutor>(new ProcessExecutorRegistration(name, (_, options) => configure is null ? options : configure(options)));

    /// <summary>Adds an executor on worker processes, with options that depend on services.</summary>
    /// <param name="name">The name, as in the other overload.</param>
    /// <param name="configure">Returns the changed options.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The name is in use, white space, or contains ":".</exception>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public SamovarBuilder AddProcessExecutor(string name, Func<IServiceProvider, ProcessExecutorOptions, ProcessExecutorOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add<ProcessExecutor>(new ProcessExecutorRegistration(name, configure));
    }

    /// <summary>Adds an executor on threads.</summary>
    /// <param name="name">The name: the key of the service, the section of the configuration, and the executor's own name. May be empty, for the
    /// executor without a key; must not contain ":".</param>
    /// <param name="configure">Returns the changed options (<c>options => options with { Workers = 4 }</c>); null for the options as they
    /// are.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The name is in use, white space, or contains ":".</exception>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    public SamovarBuilder AddThreadExecutor(string name, Func<ThreadExecutorOptions, ThreadExecutorOptions>? configure = null) =>
        Add<ThreadExecutor>(new ThreadExecutorRegistration(name, (_, options) => configure is null ? options : configure(options)));

    /// <summary>Adds an executor on threads, with options that depend on services.</summary>
    /// <param name="name">The name, as in the other overload.</param>
    /// <param name="configure">Returns the changed options.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The name is in use, white space, or contains ":".</exception>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public SamovarBuilder AddThreadExecutor(string name, Func<IServiceProvider, ThreadExecutorOptions, ThreadExecutorOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add<ThreadExecutor>(new ThreadExecutorRegistration(name, configure));
    }

    /// <summary>Adds an executor that runs tasks on the nodes of a cluster.</summary>
    /// <param name="name">The name: the key of the service, the section of the configuration, and the executor's own name. May be empty, for the
    /// executor without a key; must not contain ":".</param>
    /// <param name="transport">Returns the transport to the broker (<c>_ => new RabbitMQTransport("amqps://…")</c>). Called once, when the executor is
    /// created.</param>
    /// <param name="configure">Returns the changed options (<c>options => options with { Cluster = "shop" }</c>); null for the options as they are.
    /// <see cref="ClusterExecutorOptions.Keys"/> are those of the container, if it has a service <see cref="ClusterKeys"/>; the key <c>Keys</c> of the
    /// configuration has the form of <see cref="ClusterKeys.Parse"/>.</param>
    /// <returns>This builder.</returns>
    /// <remarks>With <see cref="SamovarHostingOptions.StartEagerly"/>, the start of the host waits until the executor is connected, and fails with a
    /// <see cref="ClusterConnectionException"/> if it is not within <see cref="ClusterExecutorOptions.ConnectTimeout"/>. It does not wait for
    /// nodes.</remarks>
    /// <exception cref="ArgumentException">The name is in use, white space, or contains ":".</exception>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> or <paramref name="transport"/> is null.</exception>
    public SamovarBuilder AddCluster(
        string name, Func<IServiceProvider, ClusterTransport> transport, Func<ClusterExecutorOptions, ClusterExecutorOptions>? configure = null) =>
        AddCluster(name, transport, (_, options) => configure is null ? options : configure(options));

    /// <summary>Adds an executor that runs tasks on the nodes of a cluster, with options that depend on services.</summary>
    /// <param name="name">The name, as in the other overload.</param>
    /// <param name="transport">Returns the transport to the broker, as in the other overload.</param>
    /// <param name="configure">Returns the changed options.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The name is in use, white space, or contains ":".</exception>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public SamovarBuilder AddCluster(
        string name, Func<IServiceProvider, ClusterTransport> transport, Func<IServiceProvider, ClusterExecutorOptions, ClusterExecutorOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(configure);
        return Add<ClusterExecutor>(new ClusterRegistration(name, transport, configure));
    }

    /// <summary>Adds a node of a cluster, which runs tasks of executors in worker processes of this host as long as the host runs.</summary>
    /// <param name="name">The name: the key of the service, a <see cref="ClusterNode"/>, and the section of the configuration. May be empty, for the node
    /// without a key; must not contain ":". The node's own name is <see cref="ClusterNodeOptions.Name"/>, because several machines have a node of this
    /// name.</param>
    /// <param name="transport">Returns the transport to the broker (<c>_ => new RabbitMQTransport("amqps://…")</c>). Called once, when the host
    /// starts.</param>
    /// <param name="configure">Returns the changed options (<c>options => options with { Workers = 4 }</c>); null for the options as they are.
    /// <see cref="ClusterNodeOptions.Keys"/> are those of the container, if it has a service <see cref="ClusterKeys"/>; the key <c>Keys</c> of the
    /// configuration has the form of <see cref="ClusterKeys.Parse"/>. The section <c>WorkerOptions</c> has the options of the worker
    /// processes.</param>
    /// <returns>This builder.</returns>
    /// <remarks>The node begins to connect when the host starts, and repeats the attempts until one succeeds: the start of the host does not wait for the
    /// broker. It leaves the cluster when the host stops, and completes its running tasks within <see cref="ClusterNodeOptions.DrainTimeout"/> and the
    /// host's shutdown timeout. If the host has executors of clusters too, it leaves after they have stopped.</remarks>
    /// <exception cref="ArgumentException">The name is in use, white space, or contains ":".</exception>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> or <paramref name="transport"/> is null.</exception>
    public SamovarBuilder AddClusterNode(
        string name, Func<IServiceProvider, ClusterTransport> transport, Func<ClusterNodeOptions, ClusterNodeOptions>? configure = null) =>
        AddClusterNode(name, transport, (_, options) => configure is null ? options : configure(options));

    /// <summary>Adds a node of a cluster, with options that depend on services.</summary>
    /// <param name="name">The name, as in the other overload.</param>
    /// <param name="transport">Returns the transport to the broker, as in the other overload.</param>
    /// <param name="configure">Returns the changed options.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The name is in use, white space, or contains ":".</exception>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public SamovarBuilder AddClusterNode(
        string name, Func<IServiceProvider, ClusterTransport> transport, Func<IServiceProvider, ClusterNodeOptions, ClusterNodeOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(configure);
        _registrations.Add(new NodeRegistration(name, transport, configure));
        Services.AddKeyedSingleton(name, (provider, _) => provider.GetRequiredService<HostedNodes>().Create(name));
        Services.TryAddSingleton(static provider => provider.GetRequiredService<HostedNodes>().Plain());
        return this;
    }

    private SamovarBuilder Add<T>(ExecutorRegistration registration)
        where T : Executor
    {
        _registrations.Add(registration);
        string name = registration.Name;

        // The container disposes what a factory returns, for each service that returns it; a second disposal of an executor has no effect.
        Services.AddKeyedSingleton<T>(name, (provider, _) => (T)provider.GetRequiredService<SamovarExecutors>().Create(name));
        Services.AddKeyedSingleton<Executor>(name, static (provider, key) => provider.GetRequiredKeyedService<T>(key));
        Services.TryAddSingleton<T>(static provider => (T)provider.GetRequiredService<SamovarExecutors>().Plain(typeof(T)));
        Services.TryAddSingleton<Executor>(static provider => provider.GetRequiredService<SamovarExecutors>().Plain(typeof(Executor)));
        return this;
    }
}
