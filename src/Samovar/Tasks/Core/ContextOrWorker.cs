namespace Samovar.Tasks.Core;

/// <summary>What one future needs before its first start and what it has from then on, in one field: the context to run in, then the worker that runs the
/// task or ran it last.</summary>
/// <remarks>Only the thread that wins the start of an attempt writes the worker. A later attempt finds the context in <see cref="TaskControls"/>.</remarks>
internal struct ContextOrWorker(ExecutionContext? context)
{
    private object? _content = context;

    public readonly ExecutionContext? Context => Volatile.Read(in _content) as ExecutionContext;

    public WorkerIdentity? Worker
    {
        readonly get => Volatile.Read(in _content) as WorkerIdentity;
        set => Volatile.Write(ref _content, value);
    }

    /// <summary>Drops the context of a task that was not started here. A start that is noticed at this moment writes the worker.</summary>
    public void DropContext()
    {
        if (Context is { } context) Interlocked.CompareExchange(ref _content, null, context);
    }
}
