using Samovar.Primitives;

namespace Samovar;

/// <summary>The options of a <see cref="ThreadExecutor"/>. Immutable.</summary>
public sealed record ThreadExecutorOptions : ExecutorOptions
{
    /// <summary>Gets the maximum number of tasks that run at the same time. At least 1; the default is the number of processors.
    /// <see cref="ThreadExecutor.Workers"/> can change it later.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int Workers
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(Workers));
            field = value;
        }
    } = Environment.ProcessorCount;

    /// <summary>Gets the capacity of the queue, in tasks: at least 1, or null (the default) for no limit. Tasks submitted by the executor's
    /// own tasks, and later attempts, are queued even beyond the capacity.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int? QueueCapacity
    {
        get;
        init
        {
            if (value is { } capacity) ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1, nameof(QueueCapacity));
            field = value;
        }
    }

    /// <summary>Gets what happens when work is submitted to a full queue. The default is <see cref="QueueFullMode.Wait"/>.</summary>
    public QueueFullMode QueueFullMode { get; init; } = QueueFullMode.Wait;

    /// <summary>Gets a delegate that runs on each worker thread before its first task. If it throws, the executor becomes unusable: all
    /// queued tasks fail with <see cref="WorkerInitializationException"/>, and <c>Submit</c> throws it. The default is null:
    /// none.</summary>
    public Action? Initializer { get; init; }

    /// <summary>Gets a delegate that each worker thread runs when it exits: it is idle for long, or the executor is shut down. What it returns is
    /// kept until <see cref="ExecutorExtensions.CollectExitResultsAsync{T}"/> or <see cref="ExecutorExtensions.TakeExitResults{T}"/> returns it. The hook may read
    /// <see cref="WorkerState{T}"/> objects, which are disposed after it. If it throws, the error is in the worker's entry, and reported to
    /// <see cref="Executor.UnobservedFailure"/>. Workers of actors do not run it, nor do workers whose initializer has thrown. The default is null: none.</summary>
    public Func<object?>? ExitHook { get; init; }

    /// <summary>Gets how long <see cref="ExitHook"/> may take on a worker. After it, the thread is abandoned, and its worker has no result. More than zero, or
    /// <see cref="Timeout.InfiniteTimeSpan"/> for no limit; the default is 10 seconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, negative and not infinite, or exceeds the range of a timer (about
    /// 49 days).</exception>
    public TimeSpan ExitTimeout
    {
        get;
        init => field = TimeoutArguments.RequireLimit(value, nameof(ExitTimeout));
    } = TimeSpan.FromSeconds(10);

    /// <summary>Gets the operating-system priority of the threads. The default is <see cref="ThreadPriority.Normal"/>.</summary>
    public ThreadPriority ThreadPriority { get; init; } = ThreadPriority.Normal;

    /// <summary>Gets the stack size of the threads, in bytes; 0 (the default) for the runtime's default size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int MaxStackSize
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(MaxStackSize));
            field = value;
        }
    }

    /// <summary>Gets how long a thread may be idle before it exits; a new one starts with the next task. More than zero, or
    /// <see cref="Timeout.InfiniteTimeSpan"/> to keep idle threads. The default is 30 seconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, negative and not infinite, or exceeds the range of a timer (about
    /// 49 days).</exception>
    public TimeSpan IdleTimeout
    {
        get;
        init => field = TimeoutArguments.RequireLimit(value, nameof(IdleTimeout));
    } = TimeSpan.FromSeconds(30);
}
