using Microsoft.Extensions.Logging;

namespace Samovar.Diagnostics.Recording;

/// <summary>Reports the errors of one executor that no caller can be handed: to its handlers, or, without any, to its log.</summary>
/// <param name="executor">The executor's name.</param>
/// <param name="counters">Where they are counted.</param>
/// <param name="loggers">Where the log is; null for none.</param>
/// <param name="reportsToConsole">Whether they go to the standard error stream where there is no log.</param>
internal sealed class FailureReporter(string executor, TaskCounters counters, ILoggerFactory? loggers, bool reportsToConsole)
{
    private readonly ILogger? _logger = loggers?.CreateLogger("Samovar");

    /// <summary>See <see cref="Executor.UnobservedFailure"/>.</summary>
    public event Action<UnobservedFailure>? Reported;

    public void Report(FailureSource source, long taskId, string? taskName, Exception exception)
    {
        counters.FailureUnobserved();
        var failure = new UnobservedFailure(executor, source, taskId, taskName, exception);
        var handlers = Volatile.Read(ref Reported);
        if (handlers is null)
        {
            Log(exception, $"task {taskId} {taskName}: unobserved failure from {source}");
            return;
        }

        foreach (var handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(failure);
            }
            catch (Exception fromHandler)
            {
                // The handler is the last resort for errors; one of its own can go nowhere but to the log.
                Log(fromHandler, "a handler of UnobservedFailure threw");
            }
        }
    }

    private void Log(Exception exception, string what)
    {
        try
        {
            _logger?.LogError(exception, "Executor '{Executor}': {What}", executor, what);
        }
        catch (Exception)
        {
            // A logger that throws leaves no place to report to, and this may be a worker's or a timer's thread: it must not end the
            // process. The failure is in the count of unobserved ones.
        }

        if (_logger is not null || !reportsToConsole) return;
        try
        {
            Console.Error.WriteLine($"{executor}: {what}: {exception}");
        }
        catch (Exception)
        {
            // Nothing reads a closed stderr; the failure is in the count of unobserved ones.
        }
    }
}
