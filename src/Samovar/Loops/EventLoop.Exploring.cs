using Samovar.Loops.Exploring;

namespace Samovar;

/// <content>Runs the same test in many orders.</content>
public sealed partial class EventLoop
{
    /// <summary>Runs a test repeatedly in virtual time, each time with a different order of the ready callbacks, and throws for the first order that
    /// fails the test. The exception contains the seed and the few reorderings that matter.</summary>
    /// <remarks>
    /// <para>A test fails if it throws, deadlocks, blocks the loop's thread, or leaves an unobserved failure of a posted callback or a future behind.
    /// An exception in the task of an asynchronous method that is never awaited is not detected. The test runs many times, so it must create
    /// everything it uses itself. Only the order of callbacks on the loop is explored; code that runs off the loop is not ordered and may not be
    /// reproducible. This includes the continuation of <see cref="Task.WhenAll(Task[])"/>, <see cref="Task.WhenAny(Task[])"/> or
    /// <see cref="Task.WaitAsync(CancellationToken)"/> on a completion source that the test creates with
    /// <see cref="TaskCreationOptions.RunContinuationsAsynchronously"/>: .NET resumes it on the thread pool.</para>
    /// <para>A test that never completes blocks the exploration. A deadline
    /// (<see cref="CancelScope.FailAfterAsync(TimeSpan, Func{CancelScope, Task}, TimeProvider?, CancellationToken)"/>) prevents that and costs no
    /// real time.</para>
    /// <para>The first run uses the default order; the next ones use the seeds 1, 2, 3 and so on, so every exploration tries the same orders.</para>
    /// </remarks>
    /// <param name="test">The test to run.</param>
    /// <param name="schedules">The number of orders to try; at least 1. The default is 1000.</param>
    /// <param name="options">The options of each loop; null for the defaults. Time is always virtual, and <see cref="EventLoopOptions.Schedule"/> is
    /// replaced.</param>
    /// <returns>What was tried, if no order failed the test.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="test"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="schedules"/> is less than 1.</exception>
    /// <exception cref="ScheduleFailedException">The test failed in one of the orders.</exception>
    /// <example>
    /// <code>
    /// try
    /// {
    ///     EventLoop.Explore(LastSearchIsShownAsync, schedules: 200);
    /// }
    /// catch (ScheduleFailedException found)
    /// {
    ///     EventLoop.Replay(LastSearchIsShownAsync, found.Schedule!); // fails again in the same order, in a debugger too
    /// }
    /// </code>
    /// </example>
    public static Exploration Explore(Func<Task> test, int schedules = 1000, EventLoopOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(test);
        ArgumentOutOfRangeException.ThrowIfLessThan(schedules, 1);
        return SearchOf(test, options).Run(schedules);
    }

    /// <summary>Runs a test once in virtual time in the given order, usually one that <see cref="Explore"/> has found.</summary>
    /// <param name="test">The test to run.</param>
    /// <param name="schedule">The order: <see cref="ScheduleFailedException.Schedule"/>, or <c>LoopSchedule.Parse("…")</c>.</param>
    /// <param name="options">The options of the loop, as for <see cref="Explore"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="test"/> or <paramref name="schedule"/> is null.</exception>
    public static void Replay(Func<Task> test, LoopSchedule schedule, EventLoopOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(test);
        ArgumentNullException.ThrowIfNull(schedule);
        SearchOf(test, options).Try(schedule).Error?.Throw();
    }

    private static ScheduleSearch SearchOf(Func<Task> test, EventLoopOptions? options)
    {
        // Slow callbacks do not matter here, but blocking ones do: a run that blocks would never return.
        options ??= new EventLoopOptions { SlowCallbackThreshold = Timeout.InfiniteTimeSpan, BlockLimit = new EventLoopOptions().SlowCallbackThreshold };
        options = options with { VirtualTime = true };
        return new ScheduleSearch(test, schedule => StartNew(options with { Schedule = schedule }));
    }
}
