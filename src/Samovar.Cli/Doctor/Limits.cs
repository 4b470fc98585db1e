namespace Samovar.Cli.Doctor;

/// <summary>The operating system.</summary>
/// <param name="Name">Distribution or product, with version.</param>
/// <param name="Kernel">Kernel name and version.</param>
/// <param name="Architecture">Processor architecture, such as x64.</param>
internal sealed record SystemFacts(string Name, string Kernel, string Architecture);

/// <summary>The processors this process may use.</summary>
/// <param name="Usable">What .NET counts: affinity and quota applied, rounded up. The default worker count.</param>
/// <param name="Affinity">Numbers of the cores this process may run on; null where the system does not tell.</param>
/// <param name="Quota">Processor time allowed by the control group, in cores; null when not limited.</param>
internal sealed record CoreLimits(int Usable, IReadOnlyList<int>? Affinity, double? Quota);

/// <summary>The memory this process may use, in bytes.</summary>
/// <param name="Available">What .NET takes as the machine's or the container's memory.</param>
/// <param name="ControlGroup">Limit of the control group; null when not limited.</param>
/// <param name="SharedMemoryFolder">Size of /dev/shm; null where there is none.</param>
internal sealed record MemoryLimits(long Available, long? ControlGroup, long? SharedMemoryFolder);

/// <summary>A limit as setrlimit knows it; null is "unlimited".</summary>
internal sealed record ResourceLimit(long? Soft, long? Hard);

/// <summary>How many of a thing may exist.</summary>
/// <param name="OpenFiles">Descriptors of this process (RLIMIT_NOFILE); null where the system does not tell.</param>
/// <param name="Processes">Processes and threads of this user (RLIMIT_NPROC); null where the system does not tell.</param>
/// <param name="ControlGroupProcesses">Processes and threads of the control group (pids.max); null when not limited.</param>
internal sealed record CountLimits(ResourceLimit? OpenFiles, ResourceLimit? Processes, long? ControlGroupProcesses);
