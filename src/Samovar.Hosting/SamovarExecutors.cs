using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Samovar.Hosting.Configuration;
using Samovar.Hosting.Registrations;

namespace Samovar.Hosting;

/// <summary>The executors of a host, by name. A singleton of the container; thread-safe.</summary>
public sealed class SamovarExecutors
{
    private readonly IServiceProvider _services;
    private readonly ExecutorRegistrations _registrations;
    private readonly ExecutorEntry[] _entries;
    private readonly Lock _gate = new();
    private bool _isClosed; // gate

    internal SamovarExecutors(IServiceProvider services, ExecutorRegistrations registrations)
    {
        _services = services;
        _registrations = registrations;
        _entries = [.. registrations.All.Select(static registration => new ExecutorEntry(registration))];
        Names = [.. registrations.All.Select(static registration => registration.Name)];
    }

    /// <summary>Gets the names of the registered executors, in the order of their registration.</summary>
    public IReadOnlyList<string> Names { get; }

    internal SamovarHostingOptions Options => _registrations.Options;

    internal IReadOnlyList<ExecutorEntry> Entries => _entries;

    /// <summary>Returns an executor; creates it if this is its first use.</summary>
    /// <param name="name">The name of the executor.</param>
    /// <returns>The executor, which the container disposes.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    /// <exception cref="InvalidOperationException">There is no executor of that name; the message has the known names.</exception>
    /// <exception cref="ObjectDisposedException">The host is stopping, and the executor has not been used before.</exception>
    /// <exception cref="OptionsValidationException">The configuration of the executor is not valid.</exception>
    public Executor Get(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return (Executor)_services.GetRequiredKeyedService(typeof(Executor), name);
    }

    /// <summary>Returns the statistics of the executors that exist: those that have been resolved, or were started with the host.</summary>
    /// <returns>Immutable snapshots, in the order of registration.</returns>
    public IReadOnlyList<ExecutorStatistics> GetStatistics() =>
        [.. _entries.Select(static entry => entry.Executor).OfType<Executor>().Select(static executor => executor.GetStatistics())];

    /// <summary>Creates an executor. Called once for each, by the container.</summary>
    internal Executor Create(string name)
    {
        var entry = Array.Find(_entries, entry => entry.Registration.Name == name) ?? throw _registrations.Unknown(typeof(Executor), name);
        var settings = SettingsOf(entry);
        lock (_gate)
        {
            if (_isClosed) throw Closed(name);
        }

        var executor = entry.Registration.Create(_services, settings.Options); // outside the gate, because it calls code of loggers and meter listeners
        lock (_gate)
        {
            if (!_isClosed)
            {
                entry.Executor = executor;
                return executor;
            }
        }

        _ = executor.ShutdownAsync(ShutdownMode.Kill); // completes without a wait, because it has no tasks and no workers
        throw Closed(name);
    }

    private static ObjectDisposedException Closed(string name) =>
        new(name, $"The host is stopping: executor '{name}' has not been used before and is not created any more.");

    /// <summary>Returns the executor that is the service without a key.</summary>
    internal Executor Plain(Type type) =>
        (Executor)_services.GetRequiredKeyedService(type, _registrations.PlainOf(type).Name);

    /// <summary>Reads the options of an executor, once.</summary>
    /// <exception cref="OptionsValidationException">The configuration is not valid.</exception>
    internal ExecutorSettings SettingsOf(ExecutorEntry entry) =>
        entry.Settings ??= ExecutorSettings.Read(entry.Registration, _services, ExecutorSections, Options.StartEagerly);

    /// <summary>The configuration of all executors; null if the container has no configuration.</summary>
    internal IConfigurationSection? ExecutorSections =>
        _services.GetService<IConfiguration>()?.GetSection($"{Options.ConfigurationSection}:Executors");

    /// <summary>Prevents that more executors are created, and returns the entries of those that exist.</summary>
    internal IReadOnlyList<ExecutorEntry> Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            return [.. _entries.Where(static entry => entry.Executor is not null)];
        }
    }
}
