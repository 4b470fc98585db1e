namespace Samovar.Tasks.Core;

/// <summary>Handles waits of tasks for other tasks of their own executor, where a blocked worker could keep the awaited task from
/// running.</summary>
internal abstract class NestedWaits
{
    /// <summary>Blocks until <paramref name="future"/> has completed. Called on a thread that runs a task of the same executor.</summary>
    /// <returns>false if the timeout expired first.</returns>
    public abstract bool Wait(Future future, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Called when the task <paramref name="outer"/> has begun to wait for another task of its executor, by blocking or
    /// awaiting.</summary>
    public abstract void Began(Future outer);
}
