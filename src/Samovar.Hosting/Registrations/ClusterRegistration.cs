namespace Samovar.Hosting.Registrations;

/// <summary>A <see cref="ClusterExecutor"/> that was added to the services.</summary>
internal sealed class ClusterRegistration(
    string name, Func<IServiceProvider, ClusterTransport> transport, Func<IServiceProvider, ClusterExecutorOptions, ClusterExecutorOptions> configure)
    : ExecutorRegistration<ClusterExecutorOptions>(name, configure)
{
    public override Type ExecutorType => typeof(ClusterExecutor);

    public override Executor Create(IServiceProvider services, ExecutorOptions options) =>
        new ClusterExecutor(Checked(transport(services), "creates the transport of"), (ClusterExecutorOptions)options);

    /// <summary>None: the queue is the broker's.</summary>
    public override int? QueueCapacityIn(ExecutorOptions options) => null;

    /// <summary>Connects. Nodes need not run yet.</summary>
    public override Task StartWorkersAsync(Executor executor, CancellationToken cancellationToken) => ((ClusterExecutor)executor).ConnectAsync(cancellationToken);

    protected override ClusterExecutorOptions Default(IServiceProvider services) => new() { Keys = KeysIn(services) };
}
