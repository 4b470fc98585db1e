using Microsoft.Extensions.Logging;

namespace Samovar.Loops;

/// <content>Callbacks that hold up the loop.</content>
internal sealed partial class LoopHost
{
    public event Action<SlowCallback>? SlowCallback;

    /// <summary>A callback took longer than it may.</summary>
    public void CallbackWasSlow(ReadyItem callback, TimeSpan took) => Tell(new SlowCallback(Name, took, CallbackOrigin.Describe(callback), null));

    /// <summary>A callback has held up the loop for longer than it may, and still does. Told by another thread.</summary>
    public void IsHeldUp(ReadyItem callback, TimeSpan age, string place) => Tell(new SlowCallback(Name, age, CallbackOrigin.Describe(callback), place));

    /// <summary>Code blocks the loop's thread, and has for as long as it may.</summary>
    /// <param name="callback">What runs.</param>
    /// <param name="stack">Where.</param>
    /// <param name="endless">Whether the wait has no end of its own.</param>
    public void IsBlocked(ReadyItem callback, string stack, bool endless)
    {
        string origin = CallbackOrigin.Describe(callback);
        Tell(new SlowCallback(Name, _options.SlowCallbackThreshold, origin, stack));
        if (!endless) return;

        // Nothing announced is under way elsewhere, and virtual time stands still while the thread is blocked: this wait would have no end.
        if (Core.IsVirtual && Core.OutsideWorks == 0)
            throw new LoopDeadlockException($"{origin} blocks the thread of event loop '{Name}', and nothing that the loop knows of could end its wait. Await instead.");
        Report(
            FailureSource.BlockedLoop, RunningTask.Current?.Id ?? 0, origin,
            new InvalidOperationException(
                $"{origin} has blocked the thread of event loop '{Name}' for {Durations.Text(_options.SlowCallbackThreshold)}. If it waits for the loop's own work, it never ends: " +
                $"await instead.{Environment.NewLine}{stack}"));
    }

    private void Tell(SlowCallback slow)
    {
        var handlers = Volatile.Read(ref SlowCallback);
        if (handlers is null)
        {
            LogSlow(slow);
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
                // A handler's error is no reason to stop the loop; it is reported like any that nobody can be handed.
                Report(FailureSource.DetachedWork, 0, "a handler of SlowCallback", error);
            }
        }
    }

    private void LogSlow(SlowCallback slow)
    {
        try
        {
            _options.LoggerFactory?.CreateLogger("Samovar").LogWarning(
                "Event loop '{Loop}' was held up for {Milliseconds} ms by {Origin} {Stack}", slow.Loop, slow.Duration.TotalMilliseconds, slow.Origin, slow.BlockedAt);
        }
        catch (Exception error)
        {
            // Such as that of a factory that was disposed. It must end neither the callback that is blocked nor, from a thread of the pool, the process.
            Report(FailureSource.DetachedWork, 0, "the logger of slow callbacks", error);
        }
    }
}
