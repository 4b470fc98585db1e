namespace Samovar.Tasks.Core;

/// <summary>Something that an executor has started in addition to its tasks, and that ends with it: an actor.</summary>
internal abstract class ExecutorMember
{
    /// <summary>The number of its tasks that have not completed.</summary>
    public abstract long Outstanding { get; }

    /// <summary>Whether a task is one of its tasks.</summary>
    public abstract bool Runs(Future task);

    /// <summary>Completes when no task of the member is incomplete.</summary>
    public abstract Task DrainAsync(CancellationToken cancellationToken);

    /// <summary>Stops the member as <see cref="Executor.ShutdownAsync"/> stops its executor. May be called again, with a stricter mode.</summary>
    public abstract Task EndAsync(ShutdownMode mode, TimeSpan grace);
}
