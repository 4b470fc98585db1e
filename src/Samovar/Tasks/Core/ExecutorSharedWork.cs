namespace Samovar.Tasks.Core;

/// <summary>Work that many tasks share, as their executor keeps it: what the work captured is taken once, and each worker gets it once.</summary>
internal abstract class ExecutorSharedWork
{
    /// <summary>No task that is still to come uses it. It goes when those that do have ended. Any thread; called once.</summary>
    public abstract void Release();
}
