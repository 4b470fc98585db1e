namespace Samovar.Tasks.Core;

/// <summary>What an executor keeps of a task beside the future itself, such as its work as bytes. Let go of when the task has ended.</summary>
internal abstract class ExecutorTaskState
{
    /// <summary>The task has ended, or never came to be. Called once, by whoever ended it: be quick, do not throw.</summary>
    public abstract void Release();
}
