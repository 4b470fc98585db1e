namespace Samovar.Tasks.Core;

/// <summary>How tasks wait for other tasks of their own executor, where blocking a worker could keep the awaited task from running.</summary>
internal abstract class NestedWaits
{
    /// <summary>Blocks until <paramref name="future"/> has ended. Called on a thread that runs a task of the same executor.</summary>
    /// <returns>False when the time was over first.</returns>
    public abstract bool Wait(Future future, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>The task <paramref name="outer"/> has begun to wait for another task of its executor, in whatever way.</summary>
    public abstract void Began(Future outer);
}
