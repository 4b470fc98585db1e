namespace Samovar.Tasks.Core;

/// <summary>Work that many tasks share, as their executor stores it: the captured state is serialized once, and sent once to each
/// worker.</summary>
internal abstract class ExecutorSharedWork
{
    /// <summary>Throws the error for which the work cannot be serialized, if it cannot.</summary>
    public abstract void ThrowIfRefused();

    /// <summary>Records that no future task will use the work. It is released when the current tasks have completed. May be called on any
    /// thread, once.</summary>
    public abstract void Release();
}
