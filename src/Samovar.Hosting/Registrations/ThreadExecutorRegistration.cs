namespace Samovar.Hosting.Registrations;

/// <summary>A <see cref="ThreadExecutor"/> that was added to the services.</summary>
internal sealed class ThreadExecutorRegistration(string name, Func<IServiceProvider, ThreadExecutorOptions, ThreadExecutorOptions> configure)
    : ExecutorRegistration<ThreadExecutorOptions>(name, configure)
{
    public override Type ExecutorType => typeof(ThreadExecutor);

    public override Executor Create(IServiceProvider services, ExecutorOptions options) => new ThreadExecutor((ThreadExecutorOptions)options);

    public override int? QueueCapacityIn(ExecutorOptions options) => ((ThreadExecutorOptions)options).QueueCapacity;

    /// <summary>Runs one empty task: threads start within microseconds, but an initializer that throws has to fail the start.</summary>
    public override async Task StartWorkersAsync(Executor executor, CancellationToken cancellationToken) =>
        await executor.Submit(static () => { }, new TaskOptions { Name = "start" }).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
}
