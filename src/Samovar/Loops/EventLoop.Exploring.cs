using Samovar.Loops.Exploring;

namespace Samovar;

/// <content>The same program in many orders.</content>
public sealed partial class EventLoop
{
    /// <summary>Runs a test again and again in virtual time, each time in another order of what is ready, and throws with the first order that breaks
    /// it: the seed, and the few switches in it that matter.</summary>
    /// <remarks>
    /// <para>A test is broken when it throws, deadlocks, blocks the loop's thread, or leaves a failure of a posted callback or a future that nobody looks at;
    /// a task of an asynchronous method that nobody awaits is not seen. It must build what it uses itself: it is run often. Only
    /// the order of what the loop runs is explored; code that leaves the loop is not ordered, and may not come out the same again. A source of the test's
    /// own with <see cref="TaskCreationOptions.RunContinuationsAsynchronously"/> leaves it where <see cref="Task.WhenAll(Task[])"/>,
    /// <see cref="Task.WhenAny(Task[])"/> or <see cref="Task.WaitAsync(CancellationToken)"/> wait for it: .NET goes on from there on the thread pool.</para>
    /// <para>A test that never ends keeps the exploration from ending. A deadline (<see cref="CancelScope.FailAfterAsync(TimeSpan, Func{CancelScope, Task}, TimeProvider?, CancellationToken)"/>)
    /// costs no real time.</para>
    /// <para>The first order is the usual one, the others follow from the seeds 1, 2, 3 … so every exploration goes the same way.</para>
    /// </remarks>
    /// <param name="test">The test.</param>
    /// <param name="schedules">How many orders to try; at least 1.</param>
    /// <param name="options">Options of each loop; time is virtual whatever they say, and the order the exploration's. Null for the defaults.</param>
    /// <returns>What was tried, if nothing broke the test.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="test"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Less than one schedule.</exception>
    /// <exception cref="ScheduleFailedException">An order breaks the test.</exception>
    public static Exploration Explore(Func<Task> test, int schedules = 1000, EventLoopOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(test);
        ArgumentOutOfRangeException.ThrowIfLessThan(schedules, 1);
        return SearchOf(test, options).Run(schedules);
    }

    /// <summary>Runs a test once in virtual time in a given order: one that <see cref="Explore"/> has found.</summary>
    /// <param name="test">The test.</param>
    /// <param name="schedule">The order: <see cref="ScheduleFailedException.Schedule"/>, or <c>LoopSchedule.Parse("…")</c>.</param>
    /// <param name="options">As for <see cref="Explore"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="test"/> or <paramref name="schedule"/> is null.</exception>
    public static void Replay(Func<Task> test, LoopSchedule schedule, EventLoopOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(test);
        ArgumentNullException.ThrowIfNull(schedule);
        SearchOf(test, options).Try(schedule).Error?.Throw();
    }

    private static ScheduleSearch SearchOf(Func<Task> test, EventLoopOptions? options)
    {
        // Slowness is of no interest, but a run that blocks is: it would never end.
        options ??= new EventLoopOptions { SlowCallbackThreshold = Timeout.InfiniteTimeSpan, BlockLimit = new EventLoopOptions().SlowCallbackThreshold };
        options = options with { VirtualTime = true };
        return new ScheduleSearch(test, schedule => StartNew(options with { Schedule = schedule }));
    }
}
