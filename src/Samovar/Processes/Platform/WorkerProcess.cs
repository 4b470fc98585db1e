namespace Samovar.Processes.Platform;

/// <summary>A started process: its exit, its output, and the means to terminate it with every process that it started.</summary>
/// <remarks>
/// Its stdin is empty, its stdout and stderr are drained unless <see cref="Backlog"/> is full, and it leads its own process group.
/// Members are thread-safe. There is nothing to dispose: the resources of the process are released when it has exited, and it exits with this
/// process at the latest.
/// </remarks>
internal abstract class WorkerProcess
{
    private readonly TaskCompletionSource<ProcessExit> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ProcessStartSpec _spec;
    private readonly DateTime _startedAt = TimeProvider.System.GetUtcNow().UtcDateTime; // compared with times of files
    private ProcessExit? _exit;

    protected WorkerProcess(ProcessStartSpec spec) => _spec = spec;

    /// <summary>The process id. The system may reuse it for another process after <see cref="Exited"/> has completed.</summary>
    public abstract int Id { get; }

    /// <summary>
    /// How the process exited, available when everything that it wrote before has been passed on; null before that. Read it again after an
    /// interrupted wait.
    /// </summary>
    public ProcessExit? Exit => Volatile.Read(ref _exit); // SYNC: end known

    /// <summary>
    /// Completes after <see cref="Exit"/> is set, when no code for the process runs here any more: only then may its bell be disposed.
    /// </summary>
    public Task<ProcessExit> Exited => _exited.Task;

    /// <summary>The last lines that the process wrote to stderr.</summary>
    public OutputTail Errors { get; } = new();

    /// <summary>The last lines that the process wrote to stdout.</summary>
    public OutputTail Output { get; } = new();

    /// <summary>The path of the dump that the runtime of the process wrote when it crashed; null if it wrote no dump.</summary>
    public string? DumpFile => CrashDumps.FileOf(_spec.Environment, Id, _startedAt);

    /// <summary>The backlog of the output; while it is full, the output is not read.</summary>
    public OutputBacklog? Backlog => _spec.Backlog;

    /// <summary>Passes on, before it returns, everything that the process has written so far. Does nothing on a platform that does not support
    /// it.</summary>
    public virtual void DrainNow()
    {
    }

    /// <summary>Requests the process, and every process that it started, to exit (SIGTERM). Does nothing if it has exited.</summary>
    public abstract void Terminate();

    /// <summary>
    /// Kills the process, and every process that it started, immediately (SIGKILL): its process group, and processes that have left
    /// the group. They are stopped before they are counted, so that none is created meanwhile. Works on a stopped process too.
    /// </summary>
    public abstract void Kill();

    protected void Received(OutputSource source, ReadOnlySpan<byte> bytes)
    {
        (source == OutputSource.Error ? Errors : Output).Append(bytes);
        _spec.Output?.Invoke(source, bytes);
    }

    protected void HasEnded(ProcessExit exit)
    {
        // In this order: a thread that the call wakes finds the exit, and a caller that awaits the task finds the call completed.
        Volatile.Write(ref _exit, exit); // SYNC: end known
        _spec.Ended?.Invoke(exit);
        _exited.TrySetResult(exit);
    }
}
