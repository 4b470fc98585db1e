using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Processes.Launch;

namespace Samovar.Processes.Platform;

/// <summary>The services of the operating system for starting, watching and killing processes. Thread-safe.</summary>
internal abstract class ProcessPlatform
{
    /// <summary>Returns the platform for a kind of channel: if the channel is portable, processes are too.</summary>
    public static ProcessPlatform For(ChannelKind kind) =>
        kind == ChannelKind.Linux && OperatingSystem.IsLinux() ? LinuxProcessPlatform.Instance : PortableProcessPlatform.Instance;

    /// <summary>
    /// Parent: the text, without spaces, that a worker needs to die with this process. See <see cref="DieWith"/>.
    /// </summary>
    public abstract string Lifeline { get; }

    /// <summary>
    /// The command line of this process with the arguments of the host, which <see cref="Environment.GetCommandLineArgs"/> leaves out; empty if
    /// unknown.
    /// </summary>
    public abstract IReadOnlyList<string> CommandLine { get; }

    /// <summary>
    /// Starts a process with empty stdin, drained output and its own process group. Called only by <see cref="ProcessSpawner"/>.
    /// </summary>
    /// <exception cref="IOException">The system refused; the message contains the reason.</exception>
    public abstract WorkerProcess Start(ProcessStartSpec spec);

    /// <summary>Returns whether a process is the parent of this one. True if the system cannot report it.</summary>
    public abstract bool IsParent(int processId);

    /// <summary>
    /// Worker: makes this process, and every process that it starts, die when the parent exits for any reason.
    /// </summary>
    /// <returns>False if the parent has already exited; otherwise, true.</returns>
    public abstract bool DieWith(int parentId, string lifeline, WorkerChannel channel);
}
