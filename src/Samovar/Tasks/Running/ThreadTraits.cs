namespace Samovar.Tasks.Running;

/// <summary>The properties that a task can change on its thread and must not leak to the next task: priority, name, and whether the thread
/// is a background thread. (Culture and the current synchronization context flow with the execution context.)</summary>
internal readonly record struct ThreadTraits(ThreadPriority Priority, bool IsBackground, string? Name)
{
    public static ThreadTraits Of(Thread thread) => new(thread.Priority, thread.IsBackground, thread.Name);

    /// <summary>Restores the properties that differ. Called on the thread itself.</summary>
    public void Restore(Thread thread)
    {
        if (thread.Priority != Priority) thread.Priority = Priority;
        if (thread.IsBackground != IsBackground) thread.IsBackground = IsBackground;
        if (!ReferenceEquals(thread.Name, Name)) thread.Name = Name;
    }
}
