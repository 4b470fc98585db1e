namespace Samovar;

/// <summary>Identifies the worker that runs a task.</summary>
/// <param name="Id">The worker's number within its executor, counted from 1; a replacement gets a new number.</param>
/// <param name="Name">The worker's name, as debuggers and traces show it.</param>
public sealed record WorkerIdentity(int Id, string Name)
{
    /// <summary>Gets the id of the process that the worker runs in; for threads, the current process.</summary>
    public int ProcessId { get; init; } = Environment.ProcessId;

    /// <summary>Gets the <see cref="Thread.ManagedThreadId"/> of the worker's thread; null if the worker is not a thread of this
    /// process.</summary>
    public int? ManagedThreadId { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
