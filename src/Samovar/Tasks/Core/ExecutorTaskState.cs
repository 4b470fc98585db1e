namespace Samovar.Tasks.Core;

/// <summary>State that an executor keeps for a task in addition to the future, such as its serialized work. Released when the task has
/// completed.</summary>
internal abstract class ExecutorTaskState
{
    /// <summary>What it took to serialize the task; null if no one watched, or if it is not serialized.</summary>
    public abstract TaskShipping? Shipping { get; }

    /// <summary>Called once when the task has completed, or was not accepted, by the thread that completed it. Must be quick and must not
    /// throw.</summary>
    public abstract void Release();
}
