namespace Samovar.Cli.Doctor;

/// <summary>The operating system.</summary>
/// <param name="Name">Distribution or product, with its version.</param>
/// <param name="Kernel">Kernel name and version.</param>
/// <param name="Architecture">Processor architecture, such as x64.</param>
internal sealed record SystemFacts(string Name, string Kernel, string Architecture);

/// <summary>The processor cores that this process may use.</summary>
/// <param name="Usable">The number of cores as .NET counts them: with affinity and quota applied, rounded up. The default number of workers.</param>
/// <param name="Affinity">Numbers of the cores on which this process may run; null if the system does not report them.</param>
/// <param name="Quota">Processor time allowed by the control group, in cores; null when not limited.</param>
internal sealed record CoreLimits(int Usable, IReadOnlyList<int>? Affinity, double? Quota);

/// <summary>The memory that this process may use, in bytes.</summary>
/// <param name="Available">Memory of the machine or the container, as .NET sees it.</param>
/// <param name="ControlGroup">Limit of the control group; null when not limited.</param>
/// <param name="SharedMemoryFolder">Size of /dev/shm; null if it does not exist.</param>
internal sealed record MemoryLimits(long Available, long? ControlGroup, long? SharedMemoryFolder);

/// <summary>A limit of setrlimit; null means unlimited.</summary>
internal sealed record ResourceLimit(long? Soft, long? Hard);

/// <summary>Limits on the number of files, processes and threads.</summary>
/// <param name="OpenFiles">File descriptors of this process (RLIMIT_NOFILE); null if the system does not report it.</param>
/// <param name="Processes">Processes and threads of this user (RLIMIT_NPROC); null if the system does not report it.</param>
/// <param name="ControlGroupProcesses">Processes and threads of the control group (pids.max); null when not limited.</param>
internal sealed record CountLimits(ResourceLimit? OpenFiles, ResourceLimit? Processes, long? ControlGroupProcesses);
