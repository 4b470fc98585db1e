namespace Samovar.Tests.Loops;

/// <summary>Loops as tests want them: virtual time, so that nothing waits, and errors kept rather than printed.</summary>
internal static class LoopUnderTest
{
    public static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static EventLoopOptions Virtual { get; } = new()
    {
        Name = "loop under test",
        VirtualTime = true,
        HandlesInterrupt = false,
        SlowCallbackThreshold = Timeout.InfiniteTimeSpan,
    };

    public static EventLoopOptions Real { get; } = Virtual with { VirtualTime = false };

    /// <summary>Runs a test in virtual time, on a thread of its own with a limit, so that a broken promise fails rather than hangs.</summary>
    public static Task RunAsync(Func<Task> test, EventLoopOptions? options = null) => EventLoop.RunAsync(test, options ?? Virtual).WaitAsync(TestTimeout.Wait);

    /// <inheritdoc cref="RunAsync(Func{Task}, EventLoopOptions?)"/>
    public static Task<T> RunAsync<T>(Func<Task<T>> test, EventLoopOptions? options = null) => EventLoop.RunAsync(test, options ?? Virtual).WaitAsync(TestTimeout.Wait);

    public static Task SleepAsync(double seconds, CancellationToken token = default) => EventLoop.SleepAsync(TimeSpan.FromSeconds(seconds), token).AsTask();

    /// <summary>The error that comes out of a task; null when none does. Stays on the loop, which Shouldly's own does not.</summary>
    public static async Task<Exception?> CaughtAsync(Task task)
    {
        try
        {
            await task;
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    /// <summary>Seconds of the loop's clock since it began.</summary>
    public static double Now => EventLoop.Current!.Time.GetElapsedTime(0).TotalSeconds;

    public static List<UnobservedFailure> Listen(EventLoop loop)
    {
        var reports = new List<UnobservedFailure>();
        loop.UnobservedFailure += failure =>
        {
            lock (reports) reports.Add(failure);
        };
        return reports;
    }
}
