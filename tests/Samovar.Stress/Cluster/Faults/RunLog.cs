using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Samovar.Stress.Cluster.Faults;

/// <summary>Writes what a process of a run logs to its standard error, each line with the time.</summary>
internal sealed class RunLog(string name) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("There is one log.");

    public void Dispose()
    {
        // Nothing is open.
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        string text = formatter(state, exception).Split('\n')[0];
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {TimeProvider.System.GetLocalNow():HH:mm:ss}  {name}: {text}{(exception is null ? "" : $" {exception.GetType().Name}: {exception.Message.Split('\n')[0]}")}"));
    }
}
