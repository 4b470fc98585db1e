using Microsoft.Extensions.Logging;

namespace Samovar.Cli.Cluster;

/// <summary>The log of a transport, of which it shows one thing that no state of the connection has: why attempts to restore it fail. Each cause is
/// written once. Thread-safe.</summary>
/// <param name="log">Receives the lines.</param>
internal sealed class ReconnectLog(TextWriter log) : ILoggerFactory, ILogger
{
    /// <summary>The property of the transport's message about an attempt that failed.</summary>
    private const string Cause = "Cause";

    private string? _last; // Interlocked

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("This log has one output.");

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel) || state is not IReadOnlyList<KeyValuePair<string, object?>> properties) return;
        if (properties.FirstOrDefault(static property => property.Key == Cause).Value is not string cause) return;
        if (Interlocked.Exchange(ref _last, cause) != cause) log.WriteLine($"samovar: the connection to the broker is still interrupted: {cause}");
    }

    public void Dispose()
    {
        // It owns nothing.
    }
}
