using Samovar.Threads.Scheduling;

namespace Samovar;

/// <summary>Runs work on threads of its own: named, started when there is work for them, ended when they have been idle for a
/// while.</summary>
/// <remarks>
/// <para>A worker runs one task at a time. Asynchronous work keeps its worker until its task has ended, and its continuations
/// run on that worker's thread, so <see cref="ThreadExecutorOptions.Workers"/> bounds how many tasks are under way; for
/// thousands of waits at once an event loop is the cheaper place.</para>
/// <para>A task that waits for another of the same executor runs that one itself if it has not started, and otherwise lends its
/// place to another thread while it waits; so nested submits make progress even with one worker.</para>
/// <para>Threads cannot be killed. Work that ignores its token after a timeout is left behind on its thread once the grace is
/// over, and a new thread takes its place.</para>
/// <para>An executor that is dropped without being disposed finishes its work, and then its threads end.</para>
/// </remarks>
public sealed class ThreadExecutor : Executor
{
    private static int s_built;

    /// <summary>Builds an executor with one worker for each processor.</summary>
    public ThreadExecutor()
        : this(new ThreadExecutorOptions())
    {
    }

    /// <summary>Builds an executor. No thread is started before there is work.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    public ThreadExecutor(ThreadExecutorOptions options)
        : base(new ThreadScheduler(Validated(options), options.Name ?? $"{nameof(ThreadExecutor)}-{Interlocked.Increment(ref s_built)}"))
    {
    }

    /// <summary>Lets the threads of an executor that nobody holds any more finish their work and end.</summary>
    ~ThreadExecutor()
    {
        // The shutdown needs no thread of its own; its task is the scheduler's to finish, and nobody is left to be told.
        _ = ((ThreadScheduler?)Core)?.ShutdownAsync(ShutdownMode.Drain, TimeSpan.Zero);
    }

    /// <summary>How many tasks may run at the same time; at least 1. A larger number takes effect at once, a smaller one as
    /// running tasks end.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int Workers
    {
        get => ThreadScheduler.Workers;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ThreadScheduler.Workers = value;
        }
    }

    private ThreadScheduler ThreadScheduler => (ThreadScheduler)Core;

    private static ThreadExecutorOptions Validated(ThreadExecutorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options;
    }
}
