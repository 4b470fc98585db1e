using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Samovar.Hosting.Registrations;

/// <summary>One executor as it was added to the services: its name, its type, and how it is created. Immutable.</summary>
internal abstract class ExecutorRegistration
{
    private const string SectionWithoutName = "Default";

    protected ExecutorRegistration(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length > 0 && string.IsNullOrWhiteSpace(name)) throw new ArgumentException("The name of an executor must not be white space.", nameof(name));
        if (name.Contains(ConfigurationPath.KeyDelimiter, StringComparison.Ordinal))
            throw new ArgumentException($"The name '{name}' must not contain ':', which separates the sections of a configuration.", nameof(name));
        Name = name;
    }

    public string Name { get; }

    /// <summary>The section of the configuration, below <c>Executors</c>.</summary>
    public string Section => Name.Length == 0 ? SectionWithoutName : Name;

    public abstract Type ExecutorType { get; }

    /// <summary>Returns the options: those of the program, with the values of the configuration.</summary>
    /// <param name="services">The container.</param>
    /// <param name="section">The configuration; null for none.</param>
    /// <param name="errors">Receives what is wrong with the configuration.</param>
    public abstract ExecutorOptions ReadOptions(IServiceProvider services, IConfigurationSection? section, ICollection<string> errors);

    public abstract Executor Create(ExecutorOptions options);

    /// <summary>The capacity of the executor's queue; null if it has none.</summary>
    public abstract int? QueueCapacityIn(ExecutorOptions options);

    /// <summary>Completes when the executor is ready to run tasks without delay.</summary>
    public abstract Task StartWorkersAsync(Executor executor, CancellationToken cancellationToken);

    protected string? NameOfExecutor => Name.Length == 0 ? null : Name;

    protected static ILoggerFactory? LoggersIn(IServiceProvider services) => services.GetService<ILoggerFactory>();

    protected static TimeProvider TimeIn(IServiceProvider services) => services.GetService<TimeProvider>() ?? TimeProvider.System;

    protected static IMeterFactory? MetersIn(IServiceProvider services) => services.GetService<IMeterFactory>();

    /// <summary>Throws if the delegate that configures the executor has returned null.</summary>
    protected T Checked<T>(T? options)
        where T : ExecutorOptions =>
        options ?? throw new InvalidOperationException($"The delegate that configures executor '{Name}' has returned null. Return the options, changed or not.");
}
