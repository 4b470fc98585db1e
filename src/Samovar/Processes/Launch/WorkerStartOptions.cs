using System.Collections;
using Samovar.Ipc.Channel;
using Samovar.Primitives;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Launch;

/// <summary>How a worker is started.</summary>
internal sealed record WorkerStartOptions
{
    /// <summary>What the worker does once it is up; a type with a constructor without parameters.</summary>
    public required Type Program { get; init; }

    /// <summary>
    /// Added to the curated environment, or taken out of it where the value is null. Wins over all that Samovar sets itself.
    /// </summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>The variables of the parent that the worker's environment is made from; null for those of the moment it starts.</summary>
    public IDictionary? Inherited { get; init; }

    /// <summary>The worker's current directory. The parent's unless told.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Unix niceness added to the parent's, -20 to 19. 0 unless told; below 0 needs a privilege.</summary>
    public int Niceness { get; init; }

    /// <summary>Processors it may run on, by number. Empty, the default, means those of the parent.</summary>
    public IReadOnlyList<int> ProcessorAffinity { get; init; } = [];

    /// <summary>Most bytes of the worker's managed heap, at least 16 MiB; null, the default, means no limit.</summary>
    public long? HeapLimit { get; init; }

    /// <summary>
    /// Server garbage collection in the worker. False unless told, whatever the parent's own configuration says: a heap for
    /// each core in each worker multiplies.
    /// </summary>
    public bool ServerGarbageCollection { get; init; }

    /// <summary>A background collection thread in the worker. False unless told: it costs start-up time and memory.</summary>
    public bool ConcurrentGarbageCollection { get; init; }

    /// <summary>
    /// Lets debuggers, dotnet-trace and dotnet-counters attach. False unless told: a runtime that is killed leaves the socket
    /// for them in /tmp. SAMOVAR_WAIT_DEBUGGER turns it on.
    /// </summary>
    public bool EnableDiagnostics { get; init; }

    /// <summary>Sizes of the channel.</summary>
    public ChannelSizes Channel { get; init; } = new();

    /// <summary>Modules that have to be of the same build in the worker, besides Samovar itself and the body's.</summary>
    public IReadOnlyList<ModuleId> Modules { get; init; } = [];

    /// <summary>
    /// How long the worker may take until it is ready. One minute unless told: generous, since a loaded machine is no error.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets what the worker writes.</summary>
    public OutputReceived? Output { get; init; }

    /// <summary>What of it waits to be handed on; null where nothing ever does.</summary>
    public OutputBacklog? Backlog { get; init; }

    /// <summary>The current directory of this process.</summary>
    /// <exception cref="DirectoryNotFoundException">It has been deleted; the text names it.</exception>
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
                $"The current directory of this process{name} does not exist any more, so workers cannot start in it. Set {nameof(WorkingDirectory)}.", error);
        }
    }

    /// <summary>Checks every property; the text names the property and its range.</summary>
    public void Validate()
    {
        Channel.Validate();
        if (!typeof(WorkerProgram).IsAssignableFrom(Program) || Program.IsAbstract || Program.GetConstructor(Type.EmptyTypes) is null)
            throw new ArgumentException($"{Program} is no worker body with a constructor without parameters.", nameof(Program));
        WorkerStartRules.RequireNiceness(Niceness, nameof(Niceness));
        WorkerStartRules.RequireMemory(HeapLimit, nameof(HeapLimit));
        WorkerStartRules.RequireCores(ProcessorAffinity, nameof(ProcessorAffinity));
        WorkerStartRules.RequireEnvironment(Environment, nameof(Environment));
        TimeoutArguments.RequireLimit(Timeout, nameof(Timeout));
        if (WorkingDirectory is not null && !Directory.Exists(WorkingDirectory))
            throw new DirectoryNotFoundException($"The directory in which workers start does not exist: {WorkingDirectory}.");
    }
}
