using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Processes.Launch;

namespace Samovar.Processes.Platform;

/// <summary>What the operating system gives to start, watch and end processes. Safe for any thread.</summary>
internal abstract class ProcessPlatform
{
    /// <summary>Goes with the kind of channel: what is tested as portable is portable throughout.</summary>
    public static ProcessPlatform For(ChannelKind kind) =>
        kind == ChannelKind.Linux && OperatingSystem.IsLinux() ? LinuxProcessPlatform.Instance : PortableProcessPlatform.Instance;

    /// <summary>
    /// Parent: what a worker needs to die with this process, as one word of text. See <see cref="DieWith"/>.
    /// </summary>
    public abstract string Lifeline { get; }

    /// <summary>
    /// This process's command line with the host's own arguments, which <see cref="Environment.GetCommandLineArgs"/> leaves
    /// out; empty where unknown.
    /// </summary>
    public abstract IReadOnlyList<string> CommandLine { get; }

    /// <summary>
    /// Starts a process with empty stdin, drained output and a process group of its own. Called by <see cref="ProcessSpawner"/>
    /// only.
    /// </summary>
    /// <exception cref="IOException">The system refused; the text says why.</exception>
    public abstract WorkerProcess Start(ProcessStartSpec spec);

    /// <summary>Whether that process is this one's parent. True where the system cannot tell.</summary>
    public abstract bool IsParent(int processId);

    /// <summary>
    /// Worker: sees to it that this process and all that it starts end when the parent does, however that happens.
    /// </summary>
    /// <returns>False where the parent has ended already.</returns>
    public abstract bool DieWith(int parentId, string lifeline, WorkerChannel channel);
}
