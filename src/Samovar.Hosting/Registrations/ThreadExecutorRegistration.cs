using Microsoft.Extensions.Configuration;
using Samovar.Hosting.Configuration;

namespace Samovar.Hosting.Registrations;

/// <summary>A <see cref="ThreadExecutor"/> that was added to the services.</summary>
internal sealed class ThreadExecutorRegistration(string name, Func<IServiceProvider, ThreadExecutorOptions, ThreadExecutorOptions> configure)
    : ExecutorRegistration(name)
{
    public override Type ExecutorType => typeof(ThreadExecutor);

    public override ExecutorOptions ReadOptions(IServiceProvider services, IConfigurationSection? section, ICollection<string> errors)
    {
        var defaults = new ThreadExecutorOptions
        {
            Name = NameOfExecutor,
            LoggerFactory = LoggersIn(services),
            TimeProvider = TimeIn(services),
            MeterFactory = MetersIn(services),
        };
        var options = Checked(configure(services, defaults)) with { };
        if (section is not null) OptionsBinder.Bind(options, section, errors);
        return options;
    }

    public override Executor Create(ExecutorOptions options) => new ThreadExecutor((ThreadExecutorOptions)options);

    public override int? QueueCapacityIn(ExecutorOptions options) => ((ThreadExecutorOptions)options).QueueCapacity;

    /// <summary>Runs one empty task: threads start within microseconds, but an initializer that throws has to fail the start.</summary>
    public override async Task StartWorkersAsync(Executor executor, CancellationToken cancellationToken) =>
        await executor.Submit(static () => { }, new TaskOptions { Name = "start" }).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
}
