using Samovar.Hosting.Configuration;
using Samovar.Hosting.Health;

namespace Samovar.Hosting.Registrations;

/// <summary>What one host knows of one executor. Thread-safe.</summary>
internal sealed class ExecutorEntry(ExecutorRegistration registration)
{
    private Executor? _executor;
    private ExecutorSettings? _settings;

    public ExecutorRegistration Registration => registration;

    /// <summary>The executor; null until it is created.</summary>
    public Executor? Executor
    {
        get => Volatile.Read(ref _executor); // SYNC: executor created
        set => Volatile.Write(ref _executor, value); // SYNC: executor created
    }

    /// <summary>The options of the executor; null until they are read. Two threads may read them at the same time, with the same result.</summary>
    public ExecutorSettings? Settings
    {
        get => Volatile.Read(ref _settings); // SYNC: settings read
        set => Volatile.Write(ref _settings, value); // SYNC: settings read
    }

    public StallWatch Stall { get; } = new();

    /// <summary>For the executor of a cluster: measures how long it has had no connection.</summary>
    public StallWatch Disconnection { get; } = new();
}
