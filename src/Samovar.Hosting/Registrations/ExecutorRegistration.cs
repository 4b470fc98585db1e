using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Hosting.Configuration;

namespace Samovar.Hosting.Registrations;

/// <summary>One executor as it was added to the services: its type, its options, and how it is created. Immutable.</summary>
internal abstract class ExecutorRegistration(string name) : Registration("executor", name)
{
    public abstract Type ExecutorType { get; }

    /// <summary>Returns the options: those of the program, with the values of the configuration.</summary>
    /// <param name="services">The container.</param>
    /// <param name="section">The configuration; null for none.</param>
    /// <param name="errors">Receives what is wrong with the configuration.</param>
    public abstract ExecutorOptions ReadOptions(IServiceProvider services, IConfigurationSection? section, ICollection<string> errors);

    public abstract Executor Create(IServiceProvider services, ExecutorOptions options);

    /// <summary>The capacity of the executor's queue; null if it has none.</summary>
    public abstract int? QueueCapacityIn(ExecutorOptions options);

    /// <summary>Completes when the executor is ready to run tasks without delay.</summary>
    public abstract Task StartWorkersAsync(Executor executor, CancellationToken cancellationToken);
}

/// <inheritdoc/>
internal abstract class ExecutorRegistration<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TOptions>(
    string name, Func<IServiceProvider, TOptions, TOptions> configure) : ExecutorRegistration(name)
    where TOptions : ExecutorOptions, new()
{
    public sealed override ExecutorOptions ReadOptions(IServiceProvider services, IConfigurationSection? section, ICollection<string> errors)
    {
        var defaults = Default(services) with
        {
            Name = Name.Length == 0 ? null : Name,
            LoggerFactory = LoggersIn(services),
            TimeProvider = services.GetService<TimeProvider>() ?? TimeProvider.System,
            MeterFactory = MetersIn(services),
        };
        var options = Checked(configure(services, defaults), "configures") with { };
        if (section is not null) OptionsBinder.Bind(options, section, OptionKeys.OfExecutor, errors);
        return options;
    }

    /// <summary>Returns the options before the program changes them, without those that all executors have.</summary>
    protected virtual TOptions Default(IServiceProvider services) => new();
}
