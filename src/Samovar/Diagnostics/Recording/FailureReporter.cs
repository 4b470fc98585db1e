using Microsoft.Extensions.Logging;

namespace Samovar.Diagnostics.Recording;

/// <summary>Reports the errors of one executor that cannot be delivered to any caller: to its handlers, or without handlers to its
/// log.</summary>
/// <param name="executor">The executor's name.</param>
/// <param name="counters">The counters of the executor.</param>
/// <param name="loggers">The factory of the log; null for none.</param>
/// <param name="reportsToConsole">Whether errors are written to standard error if there is no log.</param>
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
                // The handler is the last resort for errors; its own errors can only be logged.
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
            // If the logger throws, the error cannot be reported, and this may be the thread of a worker or a timer: it must not terminate
            // the process. The failure is still counted in UnobservedFailures.
        }

        if (_logger is not null || !reportsToConsole) return;
        try
        {
            Console.Error.WriteLine($"{executor}: {what}: {exception}");
        }
        catch (Exception)
        {
            // Standard error is closed; the failure is still counted in UnobservedFailures.
        }
    }
}
