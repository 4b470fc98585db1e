using Microsoft.Extensions.Logging;

namespace Samovar.Tests.Executors;

public sealed class LoggingTests
{
    [ThreadFact]
    public async Task A_failure_without_a_handler_is_logged()
    {
        using var log = new FirstEntry();
        await using var executor = new ThreadExecutor(new() { Workers = 1, Name = "logged", LoggerFactory = log });
        executor.Submit(static () => { }).OnCompleted(static (Future _) => throw new FormatException("for the log"));
        var (message, error) = await log.First.Task.WaitAsync(TestTimeout.Wait);
        message.ShouldContain("logged");
        error.ShouldBeOfType<FormatException>().Message.ShouldBe("for the log");
    }

    [ThreadFact]
    public async Task A_logger_that_throws_ends_nothing()
    {
        using var log = new FirstEntry { Throws = true };
        await using var executor = new ThreadExecutor(new() { Workers = 1, LoggerFactory = log });
        var reported = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = executor.Submit(static () => TaskContext.Current!.Report(0.5), new() { Progress = new ThrowingProgress() });
        await log.First.Task.WaitAsync(TestTimeout.Wait);
        executor.UnobservedFailure += _ =>
        {
            reported.TrySetResult();
            throw new FormatException("from the handler");
        };
        executor.Submit(static () => { }).OnCompleted(static (Future _) => throw new FormatException("from the callback"));
        await reported.Task.WaitAsync(TestTimeout.Wait);
        (await executor.Submit(static () => "continues")).ShouldBe("continues");
        executor.GetStatistics().UnobservedFailures.ShouldBe(2);
    }

    private sealed class ThrowingProgress : IProgress<TaskProgress>
    {
        public void Report(TaskProgress value) => throw new FormatException("from the progress handler");
    }

    private sealed class FirstEntry : ILoggerFactory, ILogger
    {
        public TaskCompletionSource<(string Message, Exception? Error)> First { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Throws { get; init; }

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("It is its own provider.");

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            First.TrySetResult((formatter(state, exception), exception));
            if (Throws) throw new InvalidOperationException("The disk is full.");
        }

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
