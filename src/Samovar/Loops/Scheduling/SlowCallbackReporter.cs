using Microsoft.Extensions.Logging;
using Samovar.Loops.Core;
using Samovar.Loops.Inspection;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Loops.Scheduling;

/// <summary>Reports callbacks that occupy a loop for too long to the event's handlers or, without any, to the log. Reports code that blocks the loop
/// without a timeout as a failure.</summary>
/// <param name="scheduler">The loop's executor.</param>
/// <param name="threshold">How long a callback may occupy the loop.</param>
/// <param name="loggers">The logger factory; null for no log.</param>
internal sealed class SlowCallbackReporter(LoopScheduler scheduler, TimeSpan threshold, ILoggerFactory? loggers)
{
    /// <summary>Occurs when a callback is slow. See <see cref="EventLoop.SlowCallback"/>.</summary>
    public event Action<SlowCallback>? Reported;

    /// <inheritdoc cref="LoopOwner.CallbackIsSlow"/>
    public void CallbackIsSlow(ReadyItem callback, TimeSpan duration, string? place) =>
        Report(new SlowCallback(scheduler.Name, duration, CallbackOrigin.Describe(callback), place));

    /// <inheritdoc cref="LoopOwner.ThreadIsBlocked"/>
    /// <exception cref="LoopDeadlockException">No code could end the wait.</exception>
    public void ThreadIsBlocked(ReadyItem callback, string stack, bool isEndless)
    {
        string origin = CallbackOrigin.Describe(callback);
        Report(new SlowCallback(scheduler.Name, threshold, origin, stack));
        if (!isEndless) return;

        // No tracked work is pending elsewhere, and virtual time does not advance while the thread is blocked: this wait would never end.
        if (scheduler.Loop.Clock.IsVirtual && scheduler.Loop.ExternalWork.Announced == 0)
        {
            throw new LoopDeadlockException(
                $"{origin} blocks the thread of event loop '{scheduler.Name}', and no work that the loop tracks could end its wait. Await instead.");
        }

        scheduler.Report(
            FailureSource.BlockedLoop, RunningTask.Current?.Id ?? 0, origin,
            new InvalidOperationException(
                $"{origin} has blocked the thread of event loop '{scheduler.Name}' for {TimeoutArguments.Text(threshold)}. " +
                $"If it waits for work of the same loop, the wait never completes: await instead.{Environment.NewLine}{stack}"));
    }

    private void Report(SlowCallback slow)
    {
        var handlers = Volatile.Read(ref Reported);
        if (handlers is null)
        {
            Log(slow);
            return;
        }

        foreach (var handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(slow);
            }
            catch (Exception error)
            {
                // An exception of a handler must not stop the loop; it is reported like any error that has no caller.
                scheduler.Report(FailureSource.DetachedWork, 0, "a handler of SlowCallback", error);
            }
        }
    }

    private void Log(SlowCallback slow)
    {
        try
        {
            loggers?.CreateLogger("Samovar").LogWarning(
                "Event loop '{Loop}' was blocked for {Milliseconds} ms by {Origin} {Stack}", slow.Loop, slow.Duration.TotalMilliseconds, slow.Origin, slow.BlockedAt);
        }
        catch (Exception error)
        {
            // The logger factory may have been disposed, for example. The exception must end neither the blocked callback nor, on a thread-pool
            // thread, the process.
            scheduler.Report(FailureSource.DetachedWork, 0, "the logger of slow callbacks", error);
        }
    }
}
