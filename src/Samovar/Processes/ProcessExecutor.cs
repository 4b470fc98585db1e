using Samovar.Processes.Parent;

namespace Samovar;

/// <summary>Runs work in warm worker processes: each isolated, killable, and as near as a hand-over between threads.</summary>
/// <remarks>
/// <para>Work travels: a delegate with what it captures is copied to the worker as it is at <c>Submit</c>, its result is copied back.
/// What cannot travel is refused there with <see cref="Serialization.UnshippableException"/>. A <see cref="CancellationToken"/> and an
/// <see cref="IProgress{T}"/> stay connected.</para>
/// <para>It runs under the current culture and UI culture of its submitter, as on threads. <see cref="AsyncLocal{T}"/> values do not travel:
/// capture what the work needs.</para>
/// <para>Workers are started as tasks need them, up to <see cref="ProcessExecutorOptions.Workers"/>, and are kept. A worker runs one
/// task at a time; asynchronous work keeps its worker until its task has ended.</para>
/// <para>A worker that dies fails only the task it ran, with <see cref="WorkerCrashedException"/>; tasks that it had not begun run
/// elsewhere. Work that goes on past <see cref="ExecutorOptions.CancellationGrace"/> after its timeout or cancellation is killed with
/// everything it started.</para>
/// <para>Workers end with this process, however it ends.</para>
/// </remarks>
public sealed class ProcessExecutor : Executor
{
    private static int s_built;

    /// <summary>Builds an executor with one worker for each processor.</summary>
    public ProcessExecutor()
        : this(new ProcessExecutorOptions())
    {
    }

    /// <summary>Builds an executor. No process is started before there is work.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="Serialization.UnshippableException">The initializer cannot travel.</exception>
    /// <exception cref="PlatformNotSupportedException">The program is set up for compilation ahead of time (<c>PublishAot</c>), or was trimmed as a whole (<c>TrimMode</c> full).</exception>
    /// <exception cref="DirectoryNotFoundException">The current directory of this process is deleted, and
    /// <see cref="ProcessExecutorOptions.WorkingDirectory"/> names none.</exception>
    /// <exception cref="InvalidOperationException">This process was started as a worker but runs its own program: see
    /// <see cref="ProcessWorker.RunIfWorker"/>.</exception>
    /// <exception cref="WorkerStartException">The program is published as a single file or self-contained and has not called
    /// <see cref="ProcessWorker.RunIfWorker"/>.</exception>
    public ProcessExecutor(ProcessExecutorOptions options)
        : base(new ProcessPool(Validated(options), options.Name ?? $"{nameof(ProcessExecutor)}-{Interlocked.Increment(ref s_built)}"))
    {
    }

    /// <summary>Lets the workers of an executor that nobody holds any more finish their work and end.</summary>
    ~ProcessExecutor()
    {
        // The shutdown needs no thread of this one; its task is the pool's to finish, and nobody is left to be told.
        _ = ((ProcessPool?)Core)?.ShutdownAsync(ShutdownMode.Drain, TimeSpan.Zero);
    }

    /// <summary>How many tasks may run at the same time; 1 to 4,096. A larger number takes effect with the next task, a smaller one
    /// as running tasks end.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int Workers
    {
        get => Pool.Workers;
        set
        {
            ProcessExecutorOptions.RequireWorkers(value, nameof(Workers));
            Pool.Workers = value;
        }
    }

    private ProcessPool Pool => (ProcessPool)Core;

    private static ProcessExecutorOptions Validated(ProcessExecutorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options;
    }
}
