namespace Samovar.Processes.Platform;

/// <summary>A started process: its end, its output, and the means to end it with all that it started.</summary>
/// <remarks>
/// Its stdin is empty, its stdout and stderr are drained unless <see cref="Backlog"/> is full, it leads a session and a process group of its own. Members are safe for any
/// thread. There is nothing to dispose: what belongs to the process is released when it has ended, and it ends at the latest
/// with this one.
/// </remarks>
internal abstract class WorkerProcess
{
    private readonly TaskCompletionSource<ProcessExit> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ProcessStartSpec _spec;
    private readonly DateTime _startedAt = TimeProvider.System.GetUtcNow().UtcDateTime; // to be compared with times of files
    private ProcessExit? _exit;

    protected WorkerProcess(ProcessStartSpec spec) => _spec = spec;

    /// <summary>The process id. It may be another's once <see cref="Exited"/> has completed.</summary>
    public abstract int Id { get; }

    /// <summary>
    /// How it ended, once all it wrote until then has been passed on; null before. To be asked after an interrupted wait.
    /// </summary>
    public ProcessExit? Exit => Volatile.Read(ref _exit); // SYNC: end known

    /// <summary>
    /// Completes after that, when nothing of the process runs in this one any more: only then may its bell be disposed.
    /// </summary>
    public Task<ProcessExit> Exited => _exited.Task;

    /// <summary>The last lines it wrote to stderr.</summary>
    public OutputTail Errors { get; } = new();

    /// <summary>The last lines it wrote to stdout.</summary>
    public OutputTail Output { get; } = new();

    /// <summary>The dump that its runtime wrote when it died; null where there is none.</summary>
    public string? DumpFile => CrashDumps.FileOf(_spec.Environment, Id, _startedAt);

    /// <summary>Full while what it wrote is not to be read.</summary>
    public OutputBacklog? Backlog => _spec.Backlog;

    /// <summary>Passes on, before it returns, what the process had written by now. Where the system cannot, it does nothing.</summary>
    public virtual void DrainNow()
    {
    }

    /// <summary>Asks it and everything it started to end (SIGTERM). Does nothing where it has ended.</summary>
    public abstract void Terminate();

    /// <summary>
    /// Ends it and everything it started, at once and without asking (SIGKILL): its process group, its session, and descendants that have
    /// left both. They are stopped before they are counted, so none is born meanwhile. Works on a stopped process too.
    /// </summary>
    public abstract void Kill();

    protected void Received(OutputSource source, ReadOnlySpan<byte> bytes)
    {
        (source == OutputSource.Error ? Errors : Output).Append(bytes);
        _spec.Output?.Invoke(source, bytes);
    }

    protected void HasEnded(ProcessExit exit)
    {
        // In this order: who is woken by the call finds the exit, and who awaits the task finds the call done.
        Volatile.Write(ref _exit, exit); // SYNC: end known
        _spec.Ended?.Invoke(exit);
        _exited.TrySetResult(exit);
    }
}
