namespace Samovar.Tasks.Running;

/// <summary>What a task can change of the thread it runs on, and must not leave to the next one: priority, name, and whether the thread keeps the
/// program from ending. (Culture and the current synchronization context flow with the execution context.)</summary>
internal readonly record struct ThreadTraits(ThreadPriority Priority, bool IsBackground, string? Name)
{
    public static ThreadTraits Of(Thread thread) => new(thread.Priority, thread.IsBackground, thread.Name);

    /// <summary>Puts back what differs. On the thread itself.</summary>
    public void Restore(Thread thread)
    {
        if (thread.Priority != Priority) thread.Priority = Priority;
        if (thread.IsBackground != IsBackground) thread.IsBackground = IsBackground;
        if (!ReferenceEquals(thread.Name, Name)) thread.Name = Name;
    }
}
