using System.Diagnostics.CodeAnalysis;
using Samovar.Executors.Actors;
using Samovar.Primitives;
using Samovar.Processes.Parent;

namespace Samovar;

/// <summary>Runs work in warm worker processes that are isolated from this process and can be killed.</summary>
/// <remarks>
/// <para><c>Submit</c> serializes the delegate with the variables that it captures and copies them to a worker; the result is copied back. If
/// something cannot be serialized, <c>Submit</c> throws <see cref="Serialization.UnshippableException"/>. A <see cref="CancellationToken"/> and an
/// <see cref="IProgress{T}"/> stay connected.</para>
/// <para>Work runs under the current culture and UI culture of the thread that submits it, as in other executors. <see cref="AsyncLocal{T}"/>
/// values do not flow: capture what the work needs.</para>
/// <para>Workers are started when tasks need them, up to <see cref="ProcessExecutorOptions.Workers"/>, and are reused. A worker runs one task at a
/// time; asynchronous work occupies its worker until its task has completed.</para>
/// <para>If a worker dies, only the task that it was running fails, with <see cref="WorkerCrashedException"/>; tasks that had not started there run
/// on another worker. If work is still running when <see cref="ExecutorOptions.CancellationGrace"/> has elapsed after its timeout or cancellation,
/// its worker is killed, with every process that the worker started.</para>
/// <para>Workers never outlive this process, however it exits.</para>
/// </remarks>
/// <example>
/// <code>
/// await using var executor = new ProcessExecutor(new() { Workers = 2 });
/// string word = "samovar";
/// (int process, int length) = await executor.Submit(() => (Environment.ProcessId, word.Length));
/// Console.WriteLine($"process {process} returned {length} to process {Environment.ProcessId}");
/// </code>
/// </example>
[RequiresDynamicCode(CodeRequirements.Dynamic)]
[UnconditionalSuppressMessage("Trimming", "IL2026", Justification = CodeRequirements.KeptWhole)]
public sealed class ProcessExecutor : Executor
{
    private static int s_built;

    /// <summary>Initializes an executor with the default options: one worker for each processor.</summary>
    public ProcessExecutor()
        : this(new ProcessExecutorOptions())
    {
    }

    /// <summary>Initializes an executor. No process is started until work is submitted.</summary>
    /// <param name="options">The options of the executor.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="Serialization.UnshippableException">The initializer cannot be serialized.</exception>
    /// <exception cref="PlatformNotSupportedException">The program is set up for compilation ahead of time (<c>PublishAot</c>), or was trimmed without
    /// the build targets of the package.</exception>
    /// <exception cref="DirectoryNotFoundException">The current directory of this process has been deleted, and
    /// <see cref="ProcessExecutorOptions.WorkingDirectory"/> is null.</exception>
    /// <exception cref="InvalidOperationException">This process was started as a worker but runs its own program: see
    /// <see cref="ProcessWorker.RunIfWorker"/>.</exception>
    /// <exception cref="WorkerStartException">The program is published as a single file or self-contained and has not called
    /// <see cref="ProcessWorker.RunIfWorker"/>.</exception>
    public ProcessExecutor(ProcessExecutorOptions options)
        : base(new ProcessPool(Validated(options), options.Name ?? $"{nameof(ProcessExecutor)}-{Interlocked.Increment(ref s_built)}"))
    {
    }

    /// <summary>Lets the workers of an unreachable executor finish their work and exit.</summary>
    ~ProcessExecutor()
    {
        // The shutdown does not need this thread. The pool completes its task, and no caller is left to observe it.
        _ = ((ProcessPool?)Core)?.ShutdownAsync(ShutdownMode.Drain, TimeSpan.Zero);
    }

    /// <summary>Gets or sets how many tasks may run at the same time; 1 to 4,096. An increase takes effect with the next task, a decrease as
    /// running tasks complete.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1 or greater than 4,096.</exception>
    public int Workers
    {
        get => Pool.Workers;
        set
        {
            ProcessExecutorOptions.RequireWorkers(value, nameof(Workers));
            Pool.Workers = value;
        }
    }

    /// <summary>Starts workers until <see cref="Workers"/> of them are ready to run a task, so that the first tasks do not wait for the start
    /// of a process. Without this call, workers are started when tasks need them. Workers that exit later are replaced when tasks need
    /// them.</summary>
    /// <param name="cancellationToken">Cancels the wait; workers that are being started remain.</param>
    /// <returns>A task that completes when the workers have started and their <see cref="ProcessExecutorOptions.Initializer"/> has returned.</returns>
    /// <exception cref="WorkerStartException">Starts have failed for a second or longer; the message has the last error.</exception>
    /// <exception cref="WorkerInitializationException">The initializer has thrown, so that the executor is broken.</exception>
    /// <exception cref="ObjectDisposedException">The executor has been shut down.</exception>
    public Task StartWorkersAsync(CancellationToken cancellationToken = default) => Pool.StartWorkersAsync(cancellationToken);

    private ProcessPool Pool => (ProcessPool)Core;

    internal override bool OffersExitHook => true;

    private protected override ActorHost<T> HostActor<T>(ActorPlan<T> plan)
    {
        if (plan.Options.Concurrency > 1)
        {
            throw new NotSupportedException(
                $"Actor '{plan.Name}' has a Concurrency of {plan.Options.Concurrency}, but a worker process of '{Name}' runs one call at a time. " +
                "Create several actors and call them in turn, or create the actor on a ThreadExecutor.");
        }

        return Pool.HostActor(plan);
    }

    private static ProcessExecutorOptions Validated(ProcessExecutorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options;
    }
}
