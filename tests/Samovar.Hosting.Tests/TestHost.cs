using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Samovar.Hosting.Tests;

/// <summary>Builds hosts in the process of the tests: without files, environment variables and console, and with a log that tests can read.</summary>
internal sealed class TestHost : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _log = new();

    private TestHost()
    {
    }

    /// <summary>The lines of the log, each with its level.</summary>
    public IReadOnlyCollection<string> Log => _log;

    /// <summary>Builds a host.</summary>
    /// <param name="add">Adds the services.</param>
    /// <param name="settings">The configuration.</param>
    public static IHost Build(Action<IServiceCollection> add, params (string Key, string? Value)[] settings) => Build(out _, add, settings);

    /// <summary>Builds a host.</summary>
    /// <param name="log">Receives the log.</param>
    /// <param name="add">Adds the services.</param>
    /// <param name="settings">The configuration.</param>
    public static IHost Build(out TestHost log, Action<IServiceCollection> add, params (string Key, string? Value)[] settings)
    {
        log = new TestHost();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(settings.Select(static setting => KeyValuePair.Create(setting.Key, setting.Value)));
        builder.ConfigureContainer(new DefaultServiceProviderFactory(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true }));
        builder.Logging.AddProvider(log);
        add(builder.Services);
        return builder.Build();
    }

    public ILogger CreateLogger(string categoryName) => new Logger(_log);

    public void Dispose()
    {
        // The log stays readable after the host is disposed.
    }

    private sealed class Logger(ConcurrentQueue<string> log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Enqueue($"{logLevel}: {formatter(state, exception)}");
    }
}
