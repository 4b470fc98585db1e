using System.Diagnostics.CodeAnalysis;
using Samovar.Executors.Actors;
using Samovar.Ipc.Platform;
using Samovar.Primitives;
using Samovar.Processes.Launch;
using Samovar.Processes.Protocol;
using Samovar.Processes.Worker;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>Options of a <see cref="ProcessExecutor"/>. Immutable.</summary>
public sealed record ProcessExecutorOptions : ExecutorOptions
{
    private const int MostWorkers = 4096;

    /// <summary>Gets how many tasks may run at the same time, each in its own process. 1 to 4,096; default: the number of processors.
    /// <see cref="ProcessExecutor.Workers"/> changes the number later.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1 or greater than 4,096.</exception>
    public int Workers
    {
        get;
        init
        {
            RequireWorkers(value, nameof(Workers));
            field = value;
        }
    } = System.Environment.ProcessorCount;

    /// <summary>Gets how many tasks may wait in the queue of this process; at least 1, or null for no bound (the default). Tasks that were already
    /// sent ahead to a worker do not count, nor do batches of a map, which has its own bound (<see cref="MapOptions.MaxInFlight"/>). The bound does
    /// not apply to further attempts, to tasks of a worker that died, to tasks that a codec of the program submits while it reads a result, and to
    /// tasks that work on a worker thread of this process (<see cref="InProcess"/>) submits to its own executor.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int? QueueCapacity
    {
        get;
        init
        {
            if (value is { } capacity) ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1, nameof(QueueCapacity));
            field = value;
        }
    }

    /// <summary>Gets what happens when a task is submitted while the queue is full. Default: <see cref="QueueFullMode.Wait"/>.</summary>
    public QueueFullMode QueueFullMode { get; init; } = QueueFullMode.Wait;

    /// <summary>Gets how many started and initialized processes are kept ready to replace workers that exit. 0 (the default) to 64.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 0 or greater than 64.</exception>
    public int SpareWorkers
    {
        get;
        init => field = value is >= 0 and <= 64
            ? value
            : throw new ArgumentOutOfRangeException(nameof(SpareWorkers), value, "SpareWorkers must be from 0 to 64.");
    }

    /// <summary>Gets the delegate that each worker runs before its first task. It is serialized like work, and values that it stores in static
    /// fields are available to the tasks. If it throws, the executor is broken: all queued tasks fail with
    /// <see cref="WorkerInitializationException"/>, and <c>Submit</c> throws it. Default: null, for no initializer.</summary>
    /// <example>
    /// <code>
    /// string text = "tea samovar cup";
    /// await using var executor = new ProcessExecutor(new() { Initializer = () => s_words = text.Split(' ') });
    /// bool isKnown = await executor.Submit(() => s_words.Contains("samovar")); // reads the worker's static field
    /// </code>
    /// </example>
    public Action? Initializer { get; init; }

    /// <summary>Gets a delegate that each worker runs when it exits: it is idle for long, is recycled, or the executor is shut down. What it returns is
    /// kept until <see cref="ExecutorExtensions.CollectExitResultsAsync{T}"/> or <see cref="ExecutorExtensions.TakeExitResults{T}"/> returns it. It is serialized like work, and
    /// what it returns like a result. The hook may read
    /// <see cref="WorkerState{T}"/> objects, which are disposed after it. If it throws, the error is in the worker's entry, and reported to
    /// <see cref="Executor.UnobservedFailure"/>. Workers of actors do not run it, nor do workers whose initializer has thrown. The default is null: none.</summary>
    /// <example>
    /// <code>
    /// var counts = new WorkerState&lt;Tally>(() => new Tally());
    /// var executor = new ProcessExecutor(new() { Workers = 2, ExitHook = () => counts.Value.Cups });
    /// for (int cup = 0; cup &lt; 10; cup++) await executor.Submit(() => { counts.Value.Cups++; });
    /// int cups = (await executor.CollectExitResultsAsync&lt;int>()).Sum(exit => exit.Value); // 10
    /// </code>
    /// </example>
    public Func<object?>? ExitHook { get; init; }

    /// <summary>Gets how long <see cref="ExitHook"/> may take on a worker. After it, the process is killed, and the worker has no result. More than zero, or
    /// <see cref="Timeout.InfiniteTimeSpan"/> for no limit; the default is 10 seconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, negative and not infinite, or exceeds the range of a timer (about
    /// 49 days).</exception>
    public TimeSpan ExitTimeout
    {
        get;
        init => field = TimeoutArguments.RequireLimit(value, nameof(ExitTimeout));
    } = TimeSpan.FromSeconds(10);

    /// <summary>Gets after how many tasks a worker exits and is replaced by a new one, for work that leaks resources. At least 1; null (the
    /// default) for no limit. A batch of a map counts as one task.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    /// <example>
    /// <code>
    /// await using var executor = new ProcessExecutor(new() { Workers = 1, MaxTasksPerWorker = 1 });
    /// int first = await executor.Submit(() => Environment.ProcessId);
    /// int second = await executor.Submit(() => Environment.ProcessId); // another process
    /// </code>
    /// </example>
    public int? MaxTasksPerWorker
    {
        get;
        init
        {
            if (value is { } tasks) ArgumentOutOfRangeException.ThrowIfLessThan(tasks, 1, nameof(MaxTasksPerWorker));
            field = value;
        }
    }

    /// <summary>Gets the memory limit above which a worker exits after its current task and is replaced, in bytes. At least 16 MiB; null (the
    /// default) for no limit. The limit applies to the private memory of the process: on Linux, neither shared memory nor mapped files count.
    /// Running work is not interrupted; <see cref="HardMemoryLimit"/> does that.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 16 MiB.</exception>
    public long? MemoryLimitPerWorker
    {
        get;
        init => field = WorkerStartRules.RequireMemory(value, nameof(MemoryLimitPerWorker));
    }

    /// <summary>Gets the memory limit above which a process is killed, in bytes, counted as for <see cref="MemoryLimitPerWorker"/>. The task that
    /// was running fails with <see cref="WorkerCrashedException"/>, whose message names the limit. At least 16 MiB; null (the default) for no
    /// limit. Memory is checked ten times a second, so that work may exceed the limit for a moment; processes that the work starts do not count.
    /// The limit has no effect if workers are threads (<see cref="InProcess"/>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 16 MiB.</exception>
    public long? HardMemoryLimit
    {
        get;
        init => field = WorkerStartRules.RequireMemory(value, nameof(HardMemoryLimit));
    }

    /// <summary>Gets the limit of each worker's managed heap, in bytes; an allocation above it throws <see cref="OutOfMemoryException"/>. At least
    /// 16 MiB; null (the default) for the runtime's own limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 16 MiB.</exception>
    public long? HeapLimit
    {
        get;
        init => field = WorkerStartRules.RequireMemory(value, nameof(HeapLimit));
    }

    /// <summary>Gets how long a worker may be idle before it exits; a later task starts a new one. More than zero, or
    /// <see cref="Timeout.InfiniteTimeSpan"/> (the default) to keep idle workers.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, negative, or longer than a timer supports (about 49 days).</exception>
    public TimeSpan IdleTimeout
    {
        get;
        init => field = TimeoutArguments.RequireLimit(value, nameof(IdleTimeout));
    } = Timeout.InfiniteTimeSpan;

    /// <summary>Gets how long a worker may take to start, including its <see cref="Initializer"/>; a worker that takes longer is killed. More than
    /// zero, or <see cref="Timeout.InfiniteTimeSpan"/> for no limit; default: 60 s, so that a loaded machine causes no error.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, negative, or longer than a timer supports (about 49 days).</exception>
    public TimeSpan StartTimeout
    {
        get;
        init => field = TimeoutArguments.RequireLimit(value, nameof(StartTimeout));
    } = TimeSpan.FromMinutes(1);

    /// <summary>Gets the variables to add to the environment of the workers, or to remove from it if the value is null. Default: none. The other
    /// variables are those of this process when the executor is created, the same for all its workers. Variables that configure only the runtime of
    /// this process (profilers, startup hooks, garbage collector settings) are not passed to the runtime of a worker, but they are passed to the
    /// programs that tasks start.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    /// <exception cref="ArgumentException">A name is empty, or contains "=" or a null character.</exception>
    public IReadOnlyDictionary<string, string?> Environment
    {
        get;
        init => field = WorkerStartRules.RequireEnvironment(value, nameof(Environment));
    } = new Dictionary<string, string?>();

    /// <summary>Gets the directory in which workers start. Default: null, for the current directory of this process when the executor is created;
    /// all workers start there, including later replacements.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Gets the path of the <c>runtimeconfig.json</c> that workers run under, which selects frameworks, garbage collector and switches.
    /// For tools that run the code of another program, which they load themselves. Default: null, for the configuration of this program.</summary>
    /// <exception cref="ArgumentException">The value is empty or consists of white space.</exception>
    public string? RuntimeConfiguration
    {
        get;
        init
        {
            if (value is not null) ArgumentException.ThrowIfNullOrWhiteSpace(value, nameof(RuntimeConfiguration));
            field = value is null ? null : Path.GetFullPath(value);
        }
    }

    /// <summary>Gets the Unix niceness that is added to that of this process, -20 to 19; a value below 0 requires a privilege. Default:
    /// 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than -20 or greater than 19.</exception>
    public int Niceness
    {
        get;
        init => field = WorkerStartRules.RequireNiceness(value, nameof(Niceness));
    }

    /// <summary>Gets the processors that workers may run on, as numbers from 0. Empty (the default) for the processors of this process.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is less than 0 or greater than 1,023.</exception>
    public IReadOnlyList<int> ProcessorAffinity
    {
        get;
        init => field = WorkerStartRules.RequireCores(value, nameof(ProcessorAffinity));
    } = [];

    /// <summary>Gets whether workers use server garbage collection. Default: false, regardless of the setting of this process, because each worker
    /// would have a heap for each core.</summary>
    public bool ServerGarbageCollection { get; init; }

    /// <summary>Gets whether workers have a background collection thread. Default: false, because the thread costs start-up time and
    /// memory.</summary>
    public bool ConcurrentGarbageCollection { get; init; }

    /// <summary>Gets whether debuggers, dotnet-trace and dotnet-counters can attach to workers. Default: false, because a runtime that is killed
    /// leaves its socket behind. The environment variable <c>SAMOVAR_WAIT_DEBUGGER</c> enables it as well.</summary>
    public bool EnableDiagnostics { get; init; }

    /// <summary>Gets how the output of workers to stdout and stderr is handled. Default: <see cref="WorkerOutput.Forward"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="WorkerOutput"/>.</exception>
    public WorkerOutput Output
    {
        get;
        init => field = Enum.IsDefined(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Output), value, "The value must be a member of WorkerOutput.");
    }

    /// <summary>Gets the receiver of every line that workers write. Replaces <see cref="Output"/>, except for <see cref="WorkerOutput.Capture"/>,
    /// which continues in addition. The receiver is called for one line at a time, in the order of arrival. A slow receiver delays lines, and it
    /// blocks workers that are about a million characters ahead of it; with <see cref="WorkerOutput.Capture"/>, lines beyond four million
    /// characters are dropped instead, and the receiver gets a line with their number. Exceptions of the receiver are reported to
    /// <see cref="Executor.UnobservedFailure"/>. The shutdown of the executor waits at most two seconds for lines that have not been received.
    /// Default: null, for no receiver.</summary>
    public Action<WorkerOutputLine>? OutputReceived { get; init; }

    /// <summary>Gets whether each worker records its last 64 tasks in a file that outlives it, for <see cref="WorkerCrashedException.LastTasks"/> and
    /// <see cref="PostMortem"/>. Default: true; it takes some nanoseconds for each task. The file has 17 KiB; it is deleted when the worker exits, and
    /// remains if this process crashes or is killed. The environment variable <c>SAMOVAR_POST_MORTEM</c> set to <c>off</c> has the effect of false,
    /// and set to the path of a folder it chooses where the files are. The workers of an executor that a worker has created never record.</summary>
    public bool KeepsPostMortem { get; init; } = true;

    /// <summary>Gets whether workers run as threads of this process, for debugging: breakpoints work, and everything else behaves as with
    /// processes, including serialization. Features that need a process (limits, kills, an environment, separate static fields) are not available.
    /// Default: false.</summary>
    public bool InProcess { get; init; }

    /// <summary>The program of the workers; null for the program of this process.</summary>
    internal WorkerProgramFiles? Program { get; init; }

    /// <summary>The actor whose only worker this executor runs; null if the executor runs no actor.</summary>
    internal ActorLife? Actor { get; init; }

    /// <summary>How workers are started, if that was determined when another executor was created; otherwise, null.</summary>
    internal WorkerStartOptions? StartAs { get; init; }

    /// <summary>The kind of channel, for tests that run against each kind; null for the kind of this process.</summary>
    internal ChannelKind? Channel { get; init; }

    /// <summary>How a worker of an executor is started.</summary>
    [RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
    internal WorkerStartOptions StartOfPool() => StartOptionsOf(typeof(PoolWorkerProgram));

    /// <summary>How a child process is started.</summary>
    [RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
    internal WorkerStartOptions StartOfChild() => StartOptionsOf(typeof(ChildProgram));

    /// <summary>Returns the program of a worker that is a thread of this process.</summary>
    [RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
    internal static WorkerProgram LocalBody(ExecutorCore executor) => new PoolWorkerProgram { Owner = executor };

    private WorkerStartOptions StartOptionsOf([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] Type program) => new()
    {
        Program = program,
        Environment = Environment,
        Inherited = InProcess ? null : System.Environment.GetEnvironmentVariables(),
        WorkingDirectory = WorkingDirectory is { } directory ? Path.GetFullPath(directory) : InProcess ? null : WorkerStartOptions.CurrentDirectory(),
        Niceness = Niceness,
        ProcessorAffinity = ProcessorAffinity,
        HeapLimit = HeapLimit,
        ServerGarbageCollection = ServerGarbageCollection,
        ConcurrentGarbageCollection = ConcurrentGarbageCollection,
        EnableDiagnostics = EnableDiagnostics,
        Timeout = StartTimeout,
    };

    internal static void RequireWorkers(int value, string name)
    {
        if (value is < 1 or > MostWorkers)
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be from 1 to {MostWorkers:N0}.");
    }
}
