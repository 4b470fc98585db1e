using Samovar.Tasks.Core;

namespace Samovar.Tasks.Completions;

/// <summary>A wait of the running task for tasks of its own executor, for as long as the value lives.</summary>
internal readonly struct OwnWait : IDisposable
{
    private readonly Future? _outer;

    private OwnWait(Future outer)
    {
        _outer = outer;
        outer.BeginOwnWait();
    }

    /// <summary>Begins one if the caller runs inside an unfinished task of <paramref name="host"/>; otherwise does nothing.</summary>
    public static OwnWait Begin(TaskHost host) =>
        RunningTask.Current is { IsCompleted: false } outer && ReferenceEquals(outer.Host, host) ? new OwnWait(outer) : default;

    /// <summary>A task of the same executor may be about to wait for <paramref name="awaited"/>: its host must not let them wait for ever.</summary>
    public static void Note(Future awaited)
    {
        if (RunningTask.Current is not { IsCompleted: false } outer || !ReferenceEquals(outer.Host, awaited.Host) || ReferenceEquals(outer, awaited)) return;
        outer.BeginOwnWait();
        awaited.AddCompletion(new OwnWaitCompletion(outer));
    }

    public void Dispose() => _outer?.EndOwnWait();
}
