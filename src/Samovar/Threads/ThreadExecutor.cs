using Samovar.Executors.Actors;
using Samovar.Threads.Scheduling;

namespace Samovar;

/// <summary>Runs tasks on dedicated, named threads, which start on demand and exit after an idle timeout.</summary>
/// <remarks>
/// <para>A worker runs one task at a time. An asynchronous task occupies its worker until it has completed, and its continuations run on
/// that worker's thread. So <see cref="ThreadExecutorOptions.Workers"/> is the maximum number of tasks in flight; to wait for thousands of
/// operations at once, an event loop is cheaper.</para>
/// <para>A task that waits for another task of the same executor runs that task itself if it has not started, and otherwise lets another
/// thread take its place while it waits. So nested submissions make progress even with a single worker.</para>
/// <para>Threads cannot be killed. Work that ignores its token after a timeout is abandoned on its thread when the grace period has
/// expired, and a new thread takes its place.</para>
/// <para>An executor that is garbage-collected without having been disposed completes its tasks, and then its threads exit.</para>
/// </remarks>
/// <example>
/// <code>
/// await using var executor = new ThreadExecutor(new() { Workers = 4, Name = "kitchen" });
/// string? thread = await executor.Submit(() => Thread.CurrentThread.Name);
/// Console.WriteLine(thread); // kitchen #1
/// </code>
/// </example>
public sealed class ThreadExecutor : Executor
{
    private static int s_built;

    /// <summary>Initializes a new executor with one worker for each processor.</summary>
    public ThreadExecutor()
        : this(new ThreadExecutorOptions())
    {
    }

    /// <summary>Initializes a new executor. Threads are started when work is submitted.</summary>
    /// <param name="options">The executor's options.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    public ThreadExecutor(ThreadExecutorOptions options)
        : base(new ThreadScheduler(Validated(options), options.Name ?? $"{nameof(ThreadExecutor)}-{Interlocked.Increment(ref s_built)}"))
    {
    }

    /// <summary>Lets the threads of an unreferenced executor complete their tasks and exit.</summary>
    ~ThreadExecutor()
    {
        // The shutdown needs no thread of its own. The scheduler completes its task, which has no waiters.
        _ = ((ThreadScheduler?)Core)?.ShutdownAsync(ShutdownMode.Drain, TimeSpan.Zero);
    }

    /// <summary>Gets or sets the maximum number of tasks that run at the same time; at least 1. A larger number takes effect at once, a
    /// smaller one as running tasks complete.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
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

    internal override bool OffersExitHook => true;

    private protected override ActorHost<T> HostActor<T>(ActorPlan<T> plan) =>
        new LocalActorHost<T>(plan, new ThreadScheduler(
            ThreadScheduler.Options with
            {
                Workers = plan.Options.Concurrency,
                QueueCapacity = plan.Options.QueueCapacity,
                QueueFullMode = plan.Options.QueueFullMode,
                IdleTimeout = Timeout.InfiniteTimeSpan,
                ExitHook = null, // an actor has its own disposal, and no one could collect the result
            },
            plan.FullName));

    private static ThreadExecutorOptions Validated(ThreadExecutorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options;
    }
}
