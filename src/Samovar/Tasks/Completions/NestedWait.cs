using Samovar.Tasks.Core;

namespace Samovar.Tasks.Completions;

/// <summary>A wait of the running task for other tasks of its own executor. It lasts until the value is disposed.</summary>
internal readonly struct NestedWait : IDisposable
{
    private readonly Future? _outer;

    private NestedWait(Future outer)
    {
        _outer = outer;
        outer.BeginNestedWait();
    }

    /// <summary>Begins a nested wait if the caller runs inside an incomplete task of <paramref name="core"/>; otherwise does
    /// nothing.</summary>
    public static NestedWait Begin(ExecutorCore core) =>
        RunningTask.Current is { IsCompleted: false } outer && ReferenceEquals(outer.Core, core) ? new NestedWait(outer) : default;

    /// <summary>Records that a task of the same executor may be about to wait for <paramref name="awaited"/>, so that the executor does not
    /// let both wait indefinitely.</summary>
    public static void Note(Future awaited)
    {
        if (RunningTask.Current is not { IsCompleted: false } outer || !ReferenceEquals(outer.Core, awaited.Core) || ReferenceEquals(outer, awaited)) return;
        outer.BeginNestedWait();
        awaited.AddCompletion(new NestedWaitCompletion(outer));
    }

    public void Dispose() => _outer?.EndNestedWait();
}
