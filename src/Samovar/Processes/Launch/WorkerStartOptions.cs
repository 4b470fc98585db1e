using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Samovar.Ipc.Channel;
using Samovar.Primitives;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Launch;

/// <summary>Specifies how a worker is started.</summary>
internal sealed record WorkerStartOptions
{
    /// <summary>The program that the worker runs after its start; a type with a parameterless constructor.</summary>
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)]
    public required Type Program { get; init; }

    /// <summary>
    /// Variables to add to the curated environment, or to remove from it if the value is null. They take precedence over the variables that Samovar
    /// sets.
    /// </summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>The parent's variables from which the worker's environment is built; null for those at the time of the start.</summary>
    public IDictionary? Inherited { get; init; }

    /// <summary>The current directory of the worker; null for the parent's.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The Unix niceness that is added to the parent's, -20 to 19. Default: 0; a value below 0 requires a privilege.</summary>
    public int Niceness { get; init; }

    /// <summary>The processors on which the worker may run, by number. Empty (the default) for those of the parent.</summary>
    public IReadOnlyList<int> ProcessorAffinity { get; init; } = [];

    /// <summary>The limit of the worker's managed heap in bytes, at least 16 MiB; null (the default) for no limit.</summary>
    public long? HeapLimit { get; init; }

    /// <summary>
    /// Whether the worker uses server garbage collection. Default: false, regardless of the parent's configuration, because each worker would have
    /// a heap for each core.
    /// </summary>
    public bool ServerGarbageCollection { get; init; }

    /// <summary>Whether the worker has a background collection thread. Default: false, because the thread costs start-up time and memory.</summary>
    public bool ConcurrentGarbageCollection { get; init; }

    /// <summary>
    /// Whether debuggers, dotnet-trace and dotnet-counters can attach. Default: false, because a runtime that is killed leaves its diagnostics
    /// socket in /tmp. SAMOVAR_WAIT_DEBUGGER enables it as well.
    /// </summary>
    public bool EnableDiagnostics { get; init; }

    /// <summary>The sizes of the channel.</summary>
    public ChannelSizes Channel { get; init; } = new();

    /// <summary>Modules that must have the same build in the worker, in addition to Samovar and the module of the program.</summary>
    public IReadOnlyList<ModuleId> Modules { get; init; } = [];

    /// <summary>
    /// How long the worker may take until it is ready. Default: one minute, so that a loaded machine causes no error.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Receives the output of the worker; null for no receiver.</summary>
    public OutputReceived? Output { get; init; }

    /// <summary>Counts the output that has not been delivered yet; null if none is delivered.</summary>
    public OutputBacklog? Backlog { get; init; }

    /// <summary>Returns the current directory of this process.</summary>
    /// <exception cref="DirectoryNotFoundException">The directory has been deleted; the message contains its name.</exception>
    public static string CurrentDirectory()
    {
        try
        {
            return System.Environment.CurrentDirectory;
        }
        catch (FileNotFoundException error)
        {
            string name = OperatingSystem.IsLinux() ? $", {new FileInfo("/proc/self/cwd").LinkTarget}," : "";
            throw new DirectoryNotFoundException(
                $"The current directory of this process{name} does not exist any more, so workers cannot start in it. Set {nameof(WorkingDirectory)} to an existing directory.", error);
        }
    }

    /// <summary>Validates every property; the message of an exception contains the property and its range.</summary>
    public void Validate()
    {
        Channel.Validate();
        if (!typeof(WorkerProgram).IsAssignableFrom(Program) || Program.IsAbstract || Program.GetConstructor(Type.EmptyTypes) is null)
            throw new ArgumentException($"{Program} must be a {nameof(WorkerProgram)} with a public parameterless constructor.", nameof(Program));
        WorkerStartRules.RequireNiceness(Niceness, nameof(Niceness));
        WorkerStartRules.RequireMemory(HeapLimit, nameof(HeapLimit));
        WorkerStartRules.RequireCores(ProcessorAffinity, nameof(ProcessorAffinity));
        WorkerStartRules.RequireEnvironment(Environment, nameof(Environment));
        TimeoutArguments.RequireLimit(Timeout, nameof(Timeout));
        if (WorkingDirectory is not null && !Directory.Exists(WorkingDirectory))
            throw new DirectoryNotFoundException($"The directory in which workers start does not exist: {WorkingDirectory}.");
    }
}
