using Microsoft.Extensions.Configuration;
using Samovar.Hosting.Configuration;

namespace Samovar.Hosting.Registrations;

/// <summary>A <see cref="ProcessExecutor"/> that was added to the services.</summary>
internal sealed class ProcessExecutorRegistration(string name, Func<IServiceProvider, ProcessExecutorOptions, ProcessExecutorOptions> configure)
    : ExecutorRegistration(name)
{
    public override Type ExecutorType => typeof(ProcessExecutor);

    public override ExecutorOptions ReadOptions(IServiceProvider services, IConfigurationSection? section, ICollection<string> errors)
    {
        var defaults = new ProcessExecutorOptions
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

    public override Executor Create(ExecutorOptions options) => new ProcessExecutor((ProcessExecutorOptions)options);

    public override int? QueueCapacityIn(ExecutorOptions options) => ((ProcessExecutorOptions)options).QueueCapacity;

    public override Task StartWorkersAsync(Executor executor, CancellationToken cancellationToken) =>
        ((ProcessExecutor)executor).StartWorkersAsync(cancellationToken);
}
