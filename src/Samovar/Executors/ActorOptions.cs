using Samovar.Primitives;

namespace Samovar;

/// <summary>The options of an actor. Immutable.</summary>
public sealed record ActorOptions
{
    internal static ActorOptions Default { get; } = new();

    /// <summary>Gets the actor's name in errors, statistics and logs. The default, null, means the type's name and a number.</summary>
    /// <exception cref="ArgumentException">The value is empty or white space.</exception>
    public string? Name
    {
        get;
        init => field = value is null || !string.IsNullOrWhiteSpace(value)
            ? value
            : throw new ArgumentException("The name must not be empty or white space. Leave it null for a generated name.", nameof(Name));
    }

    /// <summary>Gets how many calls may run at the same time. At least 1, which is the default: one call at a time, in the order of the calls. With more,
    /// calls start in that order, and the instance must be thread-safe on a <see cref="ThreadExecutor"/>; on an <see cref="EventLoop"/>, asynchronous
    /// calls interleave at their awaits. An actor in a worker process runs one call at a time.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int Concurrency
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(Concurrency));
            field = value;
        }
    } = 1;

    /// <summary>Gets what happens when the actor is lost. The default is <see cref="ActorRestart.Never"/>.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public ActorRestart Restart
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Restart));
            field = value;
        }
    } = ActorRestart.Never;

    /// <summary>Gets the timeout of calls whose own options have none, counted from the start of the call. More than zero, or null (the default) or
    /// <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, negative, or exceeds the range of a timer (about 49 days).</exception>
    public TimeSpan? CallTimeout
    {
        get;
        init => field = TimeoutArguments.RequireLimit(value, nameof(CallTimeout));
    }

    /// <summary>Gets how many calls may wait; at least 1, or null (the default) for no bound. Not available on an <see cref="EventLoop"/>.</summary>
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

    /// <summary>Gets what happens when the actor is called while <see cref="QueueCapacity"/> calls wait. The default is
    /// <see cref="QueueFullMode.Wait"/>.</summary>
    public QueueFullMode QueueFullMode { get; init; } = QueueFullMode.Wait;
}
