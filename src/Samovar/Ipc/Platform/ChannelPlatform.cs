using Samovar.Ipc.Platform.Linux;
using Samovar.Ipc.Platform.Portable;
using Samovar.Primitives;

namespace Samovar.Ipc.Platform;

/// <summary>
/// What the operating system provides for a channel: shared memory, and a way to wake a sleeper in another process.
/// </summary>
/// <remarks>
/// Linux: memfd and futex. Other systems, or if the environment variable <c>SAMOVAR_CHANNEL</c> is <c>portable</c>: mapped files and Unix domain
/// sockets. Thread-safe.
/// </remarks>
internal abstract unsafe class ChannelPlatform
{
    /// <summary>The environment variable that selects the portable channel on Linux if it is <c>portable</c>.</summary>
    public const string EnvironmentVariable = "SAMOVAR_CHANNEL";

    // Failures are not cached, because an invalid value can be corrected.
    private static readonly Lazy<ChannelPlatform> s_current = new(
        () => Create(Choose(Environment.GetEnvironmentVariable(EnvironmentVariable))), LazyThreadSafetyMode.PublicationOnly);

    /// <summary>The platform of this process as a parent; a worker uses the one that its parent chose.</summary>
    public static ChannelPlatform Current => s_current.Value;

    /// <summary>The kind of this platform.</summary>
    public abstract ChannelKind Kind { get; }

    /// <summary>The kind for this machine and a value of the environment variable.</summary>
    /// <exception cref="InvalidOperationException">The value is neither empty, <c>auto</c> nor <c>portable</c>.</exception>
    public static ChannelKind Choose(string? value) => value switch
    {
        null or "" or "auto" => OperatingSystem.IsLinux() ? ChannelKind.Linux : ChannelKind.Portable,
        "portable" => ChannelKind.Portable,
        _ => throw new InvalidOperationException($"{EnvironmentVariable}={value} is not valid. Set it to 'portable' or 'auto', or unset it."),
    };

    public static ChannelPlatform Create(ChannelKind kind) => kind switch
    {
        ChannelKind.Linux when OperatingSystem.IsLinux() => new LinuxChannelPlatform(),
        ChannelKind.Linux => throw new PlatformNotSupportedException("The memfd channel needs Linux. Unset SAMOVAR_CHANNEL."),
        ChannelKind.Local => new LocalChannelPlatform(),
        _ => new PortableChannelPlatform(),
    };

    /// <summary>Creates a zeroed segment that only processes of this user can open.</summary>
    /// <exception cref="IOException">The operating system refused; the message states the reason and what to do.</exception>
    public abstract SharedSegment CreateSegment(long length);

    /// <summary>Creates a segment that other processes can only read and this process can fill repeatedly. If the system does not support that, the
    /// segment is an ordinary one: see <see cref="SharedSegment.IsReadOnlyToOthers"/>.</summary>
    /// <exception cref="IOException">The operating system refused; the message states the reason and what to do.</exception>
    public virtual SharedSegment CreateForReaders(long length) => CreateSegment(length);

    /// <summary>Opens a segment of another process, after checking that it is one and has that length.</summary>
    /// <exception cref="IOException">The segment does not exist, or may not be opened.</exception>
    /// <exception cref="ChannelCorruptedException">The address names something else.</exception>
    public abstract SharedSegment OpenSegment(SegmentAddress address, long length, SegmentUse use);

    /// <summary>Creates the sleeping side of a doorbell for a word in shared memory.</summary>
    public abstract DoorbellSleeper CreateSleeper(uint* word, SpinPolicy spin);

    /// <summary>Called by the parent before the worker starts: prepares for the worker's wake-ups.</summary>
    /// <param name="number">The channel segment's number, used as a name where one is needed.</param>
    /// <param name="cookie">The cookie with which the worker identifies itself.</param>
    /// <param name="sleeper">The parent's own bell, rung by arriving wake-ups.</param>
    public abstract WakeLink Listen(long number, ChannelCookie cookie, DoorbellSleeper sleeper);

    /// <summary>Removes the named files that a process has left after its exit. Does nothing if segments have no names.</summary>
    public virtual void RemoveLeftBy(int processId)
    {
    }

    /// <summary>Called by the worker: connects to the parent's <see cref="Listen"/>.</summary>
    public abstract WakeLink Connect(SegmentAddress address, ChannelCookie cookie, DoorbellSleeper sleeper);
}
