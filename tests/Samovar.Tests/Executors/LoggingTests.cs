using Microsoft.Extensions.Logging;

namespace Samovar.Tests.Executors;

public sealed class LoggingTests
{
    [Fact(Timeout = Hang.Milliseconds)]
    public async Task A_failure_that_nobody_listens_for_is_logged()
    {
        using var log = new FirstEntry();
        await using var executor = new ThreadExecutor(new() { Workers = 1, Name = "logged", LoggerFactory = log });
        executor.Submit(static () => { }).OnCompleted(static (Future _) => throw new FormatException("for the log"));
        var (message, error) = await log.First.Task.WaitAsync(Hang.Limit);
        message.ShouldContain("logged");
        error.ShouldBeOfType<FormatException>().Message.ShouldBe("for the log");
    }

    private sealed class FirstEntry : ILoggerFactory, ILogger
    {
        public TaskCompletionSource<(string Message, Exception? Error)> First { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("It is its own provider.");

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            First.TrySetResult((formatter(state, exception), exception));

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
