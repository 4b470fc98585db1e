using Samovar.Ipc.Platform.Linux;
using Samovar.Ipc.Platform.Portable;

namespace Samovar.Ipc.Platform;

/// <summary>How threads of several processes sleep at a word in shared memory.</summary>
internal abstract unsafe class WaitPlatform
{
    private static readonly Lazy<WaitPlatform> s_linux = new(static () => OperatingSystem.IsLinux() ? new LinuxWaitPlatform() : new PortableWaitPlatform());
    private static readonly Lazy<WaitPlatform> s_portable = new(static () => new PortableWaitPlatform());

    /// <summary>The largest number of words that <see cref="WaitAny"/> accepts.</summary>
    public abstract int MostWords { get; }

    public static WaitPlatform Of(ChannelKind kind) => kind == ChannelKind.Portable ? s_portable.Value : s_linux.Value;

    /// <summary>Sleeps while each word has its expected value; may return early.</summary>
    /// <param name="words">The words and their expected values. An address that is no longer mapped counts as a changed word.</param>
    /// <param name="timeout">Above zero, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    public abstract void WaitAny(ReadOnlySpan<WaitedWord> words, TimeSpan timeout);

    /// <summary>Wakes one sleeper.</summary>
    /// <returns>False if no thread sleeps at the word.</returns>
    public abstract bool WakeOne(uint* word);

    public abstract void WakeAll(uint* word);
}

/// <summary>A word at which a thread sleeps.</summary>
/// <param name="Address">The address of the word.</param>
/// <param name="Expected">The value of the word while there is no reason to wake up.</param>
internal readonly record struct WaitedWord(nint Address, uint Expected);
