namespace Samovar;

/// <summary>Who runs a task.</summary>
/// <param name="Id">The worker's number within its executor, from 1; a replacement gets a number of its own.</param>
/// <param name="Name">The worker's name, as debuggers and traces show it.</param>
public sealed record WorkerIdentity(int Id, string Name)
{
    /// <summary>The process it runs in; this process's own for threads.</summary>
    public int ProcessId { get; init; } = Environment.ProcessId;

    /// <summary>The <see cref="Thread.ManagedThreadId"/> it runs on, where it is a thread of this process.</summary>
    public int? ManagedThreadId { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
