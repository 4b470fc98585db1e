using System.Runtime.Versioning;
using Samovar.Primitives;

namespace Samovar.Ipc.Platform.Linux;

/// <summary>memfd segments, opened by the peer through <c>/proc/&lt;pid&gt;/fd</c>, and futex wake-ups.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxChannelPlatform : ChannelPlatform
{
    public override ChannelKind Kind => ChannelKind.Linux;

    public override SharedSegment CreateSegment(long length) => MemfdSegment.Create(length);

    public override SharedSegment CreateForReaders(long length) => MemfdSegment.Create(length, forReaders: true);

    public override SharedSegment OpenSegment(SegmentAddress address, long length, SegmentUse use) =>
        MemfdSegment.Open(address, length, use);

    public override DoorbellSleeper CreateSleeper(uint* word, SpinPolicy spin) => new FutexSleeper(word, spin);

    public override WakeLink Listen(long number, ChannelCookie cookie, DoorbellSleeper sleeper) => FutexLink.Instance;

    public override WakeLink Connect(SegmentAddress address, ChannelCookie cookie, DoorbellSleeper sleeper) => FutexLink.Instance;

    /// <summary>A futex needs no connection, only the word. A pidfd reports the peer's exit.</summary>
    private sealed class FutexLink : WakeLink
    {
        public static FutexLink Instance { get; } = new();

        public override DoorbellRinger CreateRinger(uint* word) => new FutexRinger(word);
    }
}
