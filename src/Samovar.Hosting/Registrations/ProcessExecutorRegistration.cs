namespace Samovar.Hosting.Registrations;

/// <summary>A <see cref="ProcessExecutor"/> that was added to the services.</summary>
internal sealed class ProcessExecutorRegistration(string name, Func<IServiceProvider, ProcessExecutorOptions, ProcessExecutorOptions> configure)
    : ExecutorRegistration<ProcessExecutorOptions>(name, configure)
{
    public override Type ExecutorType => typeof(ProcessExecutor);

    public override Executor Create(IServiceProvider services, ExecutorOptions options) => new ProcessExecutor((ProcessExecutorOptions)options);

    public override int? QueueCapacityIn(ExecutorOptions options) => ((ProcessExecutorOptions)options).QueueCapacity;

    public override Task StartWorkersAsync(Executor executor, CancellationToken cancellationToken) =>
        ((ProcessExecutor)executor).StartWorkersAsync(cancellationToken);
}
