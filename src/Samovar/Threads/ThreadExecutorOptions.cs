using Samovar.Primitives;

namespace Samovar;

/// <summary>How a <see cref="ThreadExecutor"/> is built. Immutable.</summary>
public sealed record ThreadExecutorOptions : ExecutorOptions
{
    /// <summary>How many tasks may run at the same time. At least 1; default: the number of processors.
    /// <see cref="ThreadExecutor.Workers"/> changes it later.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int Workers
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(Workers));
            field = value;
        }
    } = Environment.ProcessorCount;

    /// <summary>How many tasks may wait; at least 1, or null for no bound (the default). Work that the executor's own tasks
    /// submit, and further attempts, are let in regardless.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int? QueueCapacity
    {
        get;
        init
        {
            if (value is { } capacity) ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1, nameof(QueueCapacity));
            field = value;
        }
    }

    /// <summary>What submitting to a full queue does. Default: <see cref="QueueFullMode.Wait"/>.</summary>
    public QueueFullMode QueueFullMode { get; init; } = QueueFullMode.Wait;

    /// <summary>Runs on each worker thread before its first task. If it throws, the executor is broken: everything queued fails
    /// with <see cref="WorkerInitializationException"/>, and so does submitting. Default: none.</summary>
    public Action? Initializer { get; init; }

    /// <summary>The threads' priority for the operating system. Default: <see cref="ThreadPriority.Normal"/>.</summary>
    public ThreadPriority ThreadPriority { get; init; } = ThreadPriority.Normal;

    /// <summary>The threads' stack size in bytes; 0 (the default) for the runtime's own.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int MaxStackSize
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(MaxStackSize));
            field = value;
        }
    }

    /// <summary>An idle thread ends after this time; the next task starts one anew. More than zero, or
    /// <see cref="Timeout.InfiniteTimeSpan"/> to keep them. Default: 30 s.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero, negative, or beyond what a timer can hold (about 49 days).</exception>
    public TimeSpan IdleTimeout
    {
        get;
        init => field = TimeoutArguments.RequireLimit(value, nameof(IdleTimeout));
    } = TimeSpan.FromSeconds(30);
}
