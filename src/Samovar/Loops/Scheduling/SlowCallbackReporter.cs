using Microsoft.Extensions.Logging;
using Samovar.Loops.Core;
using Samovar.Loops.Inspection;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Loops.Scheduling;

/// <summary>Reports callbacks that hold up a loop: to handlers, or, without any, to the log; and code that blocks it without an end, as a failure.</summary>
/// <param name="scheduler">The loop's executor.</param>
/// <param name="threshold">How long code may hold up the loop.</param>
/// <param name="loggers">Where the log is; null for none.</param>
internal sealed class SlowCallbackReporter(LoopScheduler scheduler, TimeSpan threshold, ILoggerFactory? loggers)
{
    /// <summary>See <see cref="EventLoop.SlowCallback"/>.</summary>
    public event Action<SlowCallback>? Reported;

    /// <inheritdoc cref="LoopOwner.CallbackIsSlow"/>
    public void CallbackIsSlow(ReadyItem callback, TimeSpan duration, string? place) =>
        Report(new SlowCallback(scheduler.Name, duration, CallbackOrigin.Describe(callback), place));

    /// <inheritdoc cref="LoopOwner.ThreadIsBlocked"/>
    /// <exception cref="LoopDeadlockException">Nothing could end the wait.</exception>
    public void ThreadIsBlocked(ReadyItem callback, string stack, bool isEndless)
    {
        string origin = CallbackOrigin.Describe(callback);
        Report(new SlowCallback(scheduler.Name, threshold, origin, stack));
        if (!isEndless) return;

        // Nothing announced is under way elsewhere, and virtual time stops while the thread is blocked: this wait would have no end.
        if (scheduler.Loop.Clock.IsVirtual && scheduler.Loop.ExternalWork.Announced == 0)
            throw new LoopDeadlockException($"{origin} blocks the thread of event loop '{scheduler.Name}', and nothing that the loop knows of could end its wait. Await instead.");
        scheduler.Report(
            FailureSource.BlockedLoop, RunningTask.Current?.Id ?? 0, origin,
            new InvalidOperationException(
                $"{origin} has blocked the thread of event loop '{scheduler.Name}' for {TimeoutArguments.Text(threshold)}. If it waits for the loop's own work, it never ends: " +
                $"await instead.{Environment.NewLine}{stack}"));
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
                // A handler's error is no reason to stop the loop; it is reported like any that no caller can be handed.
                scheduler.Report(FailureSource.DetachedWork, 0, "a handler of SlowCallback", error);
            }
        }
    }

    private void Log(SlowCallback slow)
    {
        try
        {
            loggers?.CreateLogger("Samovar").LogWarning(
                "Event loop '{Loop}' was held up for {Milliseconds} ms by {Origin} {Stack}", slow.Loop, slow.Duration.TotalMilliseconds, slow.Origin, slow.BlockedAt);
        }
        catch (Exception error)
        {
            // Such as that of a factory that was disposed. It must end neither the callback that is blocked nor, from a thread of the pool, the process.
            scheduler.Report(FailureSource.DetachedWork, 0, "the logger of slow callbacks", error);
        }
    }
}
