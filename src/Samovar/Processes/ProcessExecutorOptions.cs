using Samovar.Ipc.Platform;
using Samovar.Primitives;
using Samovar.Processes.Launch;
using Samovar.Processes.Protocol;
using Samovar.Processes.Worker;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>How a <see cref="ProcessExecutor"/> is built. Immutable.</summary>
public sealed record ProcessExecutorOptions : ExecutorOptions
{
    private const int MostWorkers = 4096;

    /// <summary>How many tasks may run at the same time, each in a process of its own. 1 to 4,096; default: the number of processors.
    /// <see cref="ProcessExecutor.Workers"/> changes it later.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int Workers
    {
        get;
        init
        {
            RequireWorkers(value, nameof(Workers));
            field = value;
        }
    } = System.Environment.ProcessorCount;

    /// <summary>How many tasks may wait in this process; at least 1, or null for no bound (the default). Those that have been sent ahead to a worker do not
    /// count, nor do batches of a map, which has a bound of its own (<see cref="MapOptions.MaxInFlight"/>); further attempts, tasks of a worker that died, tasks
    /// that a codec of the program submits while it reads an answer, and tasks that work on a worker thread of this process (<see cref="InProcess"/>) submits to its own
    /// executor are let in regardless.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int? QueueCapacity
    {
        get;
        init
        {
            if (value is { } capacity) ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1, nameof(QueueCapacity));
            field = value;
        }
    }

    /// <summary>What submitting to a full queue does. Default: <see cref="QueueFullMode.Wait"/>.</summary>
    public QueueFullMode QueueFullMode { get; init; } = QueueFullMode.Wait;

    /// <summary>Processes that stand by, started and initialized, to take the place of one that ends. 0 (the default) to 64.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int SpareWorkers
    {
        get;
        init => field = value is >= 0 and <= 64
            ? value
            : throw new ArgumentOutOfRangeException(nameof(SpareWorkers), value, "SpareWorkers must be from 0 to 64.");
    }

    /// <summary>Runs in each worker before its first task; it travels there as work does, and what it leaves in static fields is
    /// there for the tasks. If it throws, the executor is broken: everything queued fails with
    /// <see cref="WorkerInitializationException"/>, and so does submitting. Default: none.</summary>
    public Action? Initializer { get; init; }

    /// <summary>A worker that was given so many tasks ends after them, and another takes its place: for work that leaks. At least 1;
    /// null (the default) for no limit. A batch of a map counts as one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int? MaxTasksPerWorker
    {
        get;
        init
        {
            if (value is { } tasks) ArgumentOutOfRangeException.ThrowIfLessThan(tasks, 1, nameof(MaxTasksPerWorker));
            field = value;
        }
    }

    /// <summary>A worker found to use more than this after a task (in bytes, what goes with the process: on Linux neither shared memory nor mapped
    /// files count) ends, and another takes its place. At
    /// least 16 MiB; null (the default) for no limit. Running work is not touched; <see cref="HardMemoryLimit"/> ends that.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 16 MiB.</exception>
    public long? MemoryLimitPerWorker
    {
        get;
        init => field = WorkerStartRules.RequireMemory(value, nameof(MemoryLimitPerWorker));
    }

    /// <summary>A process found to use more than this (in bytes, counted as for <see cref="MemoryLimitPerWorker"/>) is killed, and what it ran fails with
    /// <see cref="WorkerCrashedException"/>, which says so. It is looked at ten times a second, so work may use more for a moment; what it starts itself does not count. At least
    /// 16 MiB; null (the default) for no limit. Without effect where workers are threads (<see cref="InProcess"/>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 16 MiB.</exception>
    public long? HardMemoryLimit
    {
        get;
        init => field = WorkerStartRules.RequireMemory(value, nameof(HardMemoryLimit));
    }

    /// <summary>Most bytes of each worker's managed heap: beyond it the work gets <see cref="OutOfMemoryException"/>. At least 16 MiB;
    /// null (the default) for the runtime's own limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 16 MiB.</exception>
    public long? HeapLimit
    {
        get;
        init => field = WorkerStartRules.RequireMemory(value, nameof(HeapLimit));
    }

    /// <summary>An idle worker ends after this time; the next task starts one anew. More than zero, or
    /// <see cref="Timeout.InfiniteTimeSpan"/> (the default) to keep them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero, negative, or beyond what a timer can hold (about 49 days).</exception>
    public TimeSpan IdleTimeout
    {
        get;
        init => field = TimeoutArguments.RequireLimit(value, nameof(IdleTimeout));
    } = Timeout.InfiniteTimeSpan;

    /// <summary>How long a worker may take to start, its <see cref="Initializer"/> included; one that takes longer is killed. More than
    /// zero, or <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes; default 60 s: a loaded machine is no error.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero, negative, or beyond what a timer can hold (about 49 days).</exception>
    public TimeSpan StartTimeout
    {
        get;
        init => field = TimeoutArguments.RequireLimit(value, nameof(StartTimeout));
    } = TimeSpan.FromMinutes(1);

    /// <summary>Variables added to the workers' environment, or taken out of it where the value is null. Default: none. The rest is the environment
    /// of this process when the executor is made, the same for all its workers. What is meant
    /// for the runtime of this process alone (profilers, startup hooks, settings of its garbage collector) does not reach that of a worker, but the programs that tasks start.</summary>
    /// <exception cref="ArgumentNullException">Null.</exception>
    /// <exception cref="ArgumentException">A name that is none.</exception>
    public IReadOnlyDictionary<string, string?> Environment
    {
        get;
        init => field = WorkerStartRules.RequireEnvironment(value, nameof(Environment));
    } = new Dictionary<string, string?>();

    /// <summary>The directory workers start in. Default: null, the one that is current in this process when the executor is made: all its workers
    /// start there, also those that replace others later.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The <c>runtimeconfig.json</c> that workers run under: frameworks, garbage collector, switches. For tools that run the
    /// code of another program, which they load themselves. Default: null, the one of this program.</summary>
    /// <exception cref="ArgumentException">Empty or white space.</exception>
    public string? RuntimeConfiguration
    {
        get;
        init
        {
            if (value is not null) ArgumentException.ThrowIfNullOrWhiteSpace(value, nameof(RuntimeConfiguration));
            field = value is null ? null : Path.GetFullPath(value);
        }
    }

    /// <summary>Unix niceness added to that of this process, -20 to 19; below 0 needs a privilege. Default 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int Niceness
    {
        get;
        init => field = WorkerStartRules.RequireNiceness(value, nameof(Niceness));
    }

    /// <summary>The processors workers may run on, by number from 0. Empty (the default) for those of this process.</summary>
    /// <exception cref="ArgumentNullException">Null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number outside 0 to 1,023.</exception>
    public IReadOnlyList<int> ProcessorAffinity
    {
        get;
        init => field = WorkerStartRules.RequireCores(value, nameof(ProcessorAffinity));
    } = [];

    /// <summary>Server garbage collection in workers. Default: false, whatever this process uses: a heap for each core in each
    /// worker multiplies.</summary>
    public bool ServerGarbageCollection { get; init; }

    /// <summary>A background collection thread in workers. Default: false; it costs start-up time and memory.</summary>
    public bool ConcurrentGarbageCollection { get; init; }

    /// <summary>Lets debuggers, dotnet-trace and dotnet-counters attach to workers. Default: false; a runtime that is killed leaves its
    /// socket behind. The environment variable <c>SAMOVAR_WAIT_DEBUGGER</c> turns it on.</summary>
    public bool EnableDiagnostics { get; init; }

    /// <summary>What becomes of what workers write. Default: <see cref="WorkerOutput.Forward"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a member of <see cref="WorkerOutput"/>.</exception>
    public WorkerOutput Output
    {
        get;
        init => field = Enum.IsDefined(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Output), value, "Not a member of WorkerOutput.");
    }

    /// <summary>Gets every line that workers write, in the place of <see cref="Output"/>, but for <see cref="WorkerOutput.Capture"/>, which goes on
    /// beside it. Called for one line at a time, in the order in which they came. A slow receiver delays lines, and workers that have written
    /// about a million characters more than it has taken; with <see cref="WorkerOutput.Capture"/> lines are dropped instead, beyond four
    /// million, and their number is given in their place. What it throws goes to <see cref="Executor.UnobservedFailure"/>. The end of the executor
    /// waits two seconds at most for lines that have not been taken. Default: none.</summary>
    public Action<WorkerOutputLine>? OutputReceived { get; init; }

    /// <summary>Runs the workers as threads of this process, for debugging: breakpoints work, everything else is as it would be, the
    /// trip through the serializer included. What only a process can have (limits, kills, an environment, statics of its own) is
    /// not there. Default: false.</summary>
    public bool InProcess { get; init; }

    /// <summary>The channel's kind, for tests that hold each to the same promises; null for the one of this process.</summary>
    internal ChannelKind? Channel { get; init; }

    /// <summary>How a worker of an executor is started.</summary>
    internal WorkerStartOptions StartOfPool() => StartOptionsOf(typeof(PoolWorkerProgram));

    /// <summary>How a child is started.</summary>
    internal WorkerStartOptions StartOfChild() => StartOptionsOf(typeof(ChildProgram));

    /// <summary>What a worker runs that is a thread of this process.</summary>
    internal static WorkerProgram LocalBody(ExecutorCore executor) => new PoolWorkerProgram { Owner = executor };

    private WorkerStartOptions StartOptionsOf(Type program) => new()
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
