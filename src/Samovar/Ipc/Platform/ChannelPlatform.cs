using Samovar.Ipc.Platform.Linux;
using Samovar.Ipc.Platform.Portable;
using Samovar.Primitives;

namespace Samovar.Ipc.Platform;

/// <summary>
/// What the operating system gives to a channel: shared memory, and a way to wake a sleeper in another process.
/// </summary>
/// <remarks>
/// Linux: memfd and futex. Elsewhere, or where the environment variable <c>SAMOVAR_CHANNEL</c> is <c>portable</c>: mapped files
/// and Unix domain sockets. Safe for any thread.
/// </remarks>
internal abstract unsafe class ChannelPlatform
{
    /// <summary>Set to <c>portable</c> it forces the portable channel on Linux.</summary>
    public const string EnvironmentVariable = "SAMOVAR_CHANNEL";

    // Not remembering a failure: a value that is not understood can be corrected.
    private static readonly Lazy<ChannelPlatform> s_current = new(
        () => Create(Choose(Environment.GetEnvironmentVariable(EnvironmentVariable))), LazyThreadSafetyMode.PublicationOnly);

    /// <summary>The platform of this process as a parent; a worker uses the one its parent chose.</summary>
    public static ChannelPlatform Current => s_current.Value;

    /// <summary>Which kind this is.</summary>
    public abstract ChannelKind Kind { get; }

    /// <summary>The kind this machine and the variable's value ask for.</summary>
    /// <exception cref="InvalidOperationException">The value is neither empty, <c>auto</c> nor <c>portable</c>.</exception>
    public static ChannelKind Choose(string? value) => value switch
    {
        null or "" or "auto" => OperatingSystem.IsLinux() ? ChannelKind.Linux : ChannelKind.Portable,
        "portable" => ChannelKind.Portable,
        _ => throw new InvalidOperationException($"{EnvironmentVariable}={value} is not understood. Use 'portable', 'auto', or unset it."),
    };

    public static ChannelPlatform Create(ChannelKind kind) => kind switch
    {
        ChannelKind.Linux when OperatingSystem.IsLinux() => new LinuxChannelPlatform(),
        ChannelKind.Linux => throw new PlatformNotSupportedException("The memfd channel needs Linux; unset SAMOVAR_CHANNEL."),
        ChannelKind.Local => new LocalChannelPlatform(),
        _ => new PortableChannelPlatform(),
    };

    /// <summary>Makes a zeroed segment that only processes of this user can open.</summary>
    /// <exception cref="IOException">Refused by the operating system; the text says why and what to do.</exception>
    public abstract SharedSegment CreateSegment(long length);

    /// <summary>Makes a segment that other processes can only read, and this one can fill again and again; one like any other where the
    /// system does not offer that: see <see cref="SharedSegment.IsReadOnlyToOthers"/>.</summary>
    /// <exception cref="IOException">Refused by the operating system; the text says why and what to do.</exception>
    public virtual SharedSegment CreateForReaders(long length) => CreateSegment(length);

    /// <summary>Opens a segment of another process, after checking that it is one and has that length.</summary>
    /// <exception cref="IOException">It is not there, or may not be opened.</exception>
    /// <exception cref="ChannelCorruptedException">What is there is not such a segment.</exception>
    public abstract SharedSegment OpenSegment(SegmentAddress address, long length, SegmentUse use);

    /// <summary>Makes the sleeping side over a word in shared memory.</summary>
    public abstract DoorbellSleeper CreateSleeper(uint* word, SpinPolicy spin);

    /// <summary>Parent, before the worker starts: makes ready for its wake-ups.</summary>
    /// <param name="number">The channel segment's number: a name for what has to have one.</param>
    /// <param name="cookie">Proves the worker.</param>
    /// <param name="sleeper">The parent's own bell, to be rung by what arrives.</param>
    public abstract WakeLink Listen(long number, ChannelCookie cookie, DoorbellSleeper sleeper);

    /// <summary>Removes what a process that has ended left under a name. Nothing where segments have none.</summary>
    public virtual void RemoveLeftBy(int processId)
    {
    }

    /// <summary>Worker: reaches the parent's <see cref="Listen"/>.</summary>
    public abstract WakeLink Connect(SegmentAddress address, ChannelCookie cookie, DoorbellSleeper sleeper);
}
