using Samovar.Ipc.Platform.Linux;
using Samovar.Ipc.Platform.Portable;

namespace Samovar.Ipc.Platform;

/// <summary>How threads of several processes sleep at a word in shared memory.</summary>
internal abstract unsafe class WaitPlatform
{
    private static readonly Lazy<WaitPlatform> s_linux = new(static () => OperatingSystem.IsLinux() ? new LinuxWaitPlatform() : new PortableWaitPlatform());
    private static readonly Lazy<WaitPlatform> s_portable = new(static () => new PortableWaitPlatform());

    /// <summary>How many words <see cref="WaitAny"/> takes.</summary>
    public abstract int MostWords { get; }

    public static WaitPlatform Of(ChannelKind kind) => kind == ChannelKind.Portable ? s_portable.Value : s_linux.Value;

    /// <summary>Sleeps while each word is what is expected. Returns early as it likes.</summary>
    /// <param name="words">The words, and what they were; an address that is mapped no more is as a word that has changed.</param>
    /// <param name="timeout">Above zero, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    public abstract void WaitAny(ReadOnlySpan<WaitedWord> words, TimeSpan timeout);

    /// <summary>Wakes one sleeper.</summary>
    /// <returns>False where none sleeps there.</returns>
    public abstract bool WakeOne(uint* word);

    public abstract void WakeAll(uint* word);
}

/// <summary>A word that somebody sleeps at.</summary>
/// <param name="Address">Of the word.</param>
/// <param name="Expected">What it is while there is nothing to wake up for.</param>
internal readonly record struct WaitedWord(nint Address, uint Expected);
