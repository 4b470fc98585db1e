namespace Samovar;

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

    public void Dispose() => _outer?.EndOwnWait();
}
