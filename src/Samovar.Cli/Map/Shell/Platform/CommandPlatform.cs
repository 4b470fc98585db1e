using Samovar.Ipc.Platform;

namespace Samovar.Cli.Map.Shell.Platform;

/// <summary>Runs commands with the means of the operating system. Thread-safe.</summary>
/// <remarks>A command has an empty stdin. When it has exited, processes of its group that it left behind are killed.</remarks>
internal abstract class CommandPlatform
{
    /// <summary>Gets the platform of this process. <c>SAMOVAR_CHANNEL=portable</c> forces the portable one, as it does for worker processes.</summary>
    public static CommandPlatform Current { get; } =
        OperatingSystem.IsLinux() && ChannelPlatform.Choose(Environment.GetEnvironmentVariable(ChannelPlatform.EnvironmentVariable)) == ChannelKind.Linux
            ? new LinuxCommandPlatform()
            : new PortableCommandPlatform();

    /// <summary>Runs a command to its exit, on the calling thread.</summary>
    /// <param name="start">The command.</param>
    /// <param name="output">Receives stdout, on any thread, one piece at a time.</param>
    /// <param name="errors">Receives stderr, on any thread, one piece at a time.</param>
    /// <param name="cancellation">Terminates the command: SIGTERM, and after <see cref="CommandStart.Grace"/> SIGKILL, to its group and its descendants.</param>
    /// <exception cref="CommandStartException">It cannot be started.</exception>
    /// <exception cref="IOException">Its output cannot be kept; it was killed.</exception>
    public abstract CommandEnd Run(CommandStart start, CapturedOutput.SpanAction output, CapturedOutput.SpanAction errors, CancellationToken cancellation);

    /// <summary>Makes commands die with this process, even if it is killed by SIGKILL. Called once, before the first command.</summary>
    public virtual void Guard()
    {
    }
}
