using System.Collections.Concurrent;
using Samovar.Primitives;

namespace Samovar.Ipc.Platform;

/// <summary>The process-local counterpart of a platform: both ends of a channel are in one process and use ordinary memory.</summary>
internal sealed unsafe class LocalChannelPlatform : ChannelPlatform
{
    private readonly ConcurrentDictionary<long, LocalSegment> _segments = new();
    private readonly ConcurrentDictionary<nint, LocalDoorbell> _sleepers = new();
    private long _lastNumber;

    public override ChannelKind Kind => ChannelKind.Local;

    /// <summary>The number of segments created and not disposed.</summary>
    public int SegmentCount => _segments.Count;

    /// <summary>The number of sleepers created and not disposed.</summary>
    public int SleeperCount => _sleepers.Count;

    public override SharedSegment CreateSegment(long length)
    {
        var address = new SegmentAddress(Environment.ProcessId, Interlocked.Increment(ref _lastNumber));
        var segment = new LocalSegment(length, address, () => _segments.TryRemove(address.Number, out _));
        _segments[address.Number] = segment;
        return segment;
    }

    public override SharedSegment OpenSegment(SegmentAddress address, long length, SegmentUse use)
    {
        if (!_segments.TryGetValue(address.Number, out LocalSegment? segment) || address.OwnerId != Environment.ProcessId)
            throw new IOException($"Local segment {address.Number} does not exist.");
        if (segment.Length != length)
            throw new ChannelCorruptedException($"Local segment {address.Number} has {segment.Length} bytes, expected {length}.");

        return new LocalView(segment, address);
    }

    public override DoorbellSleeper CreateSleeper(uint* word, SpinPolicy spin)
    {
        nint key = (nint)word;
        var sleeper = new LocalDoorbell(word, spin, disposed => _sleepers.TryRemove(new(key, disposed)));
        _sleepers[key] = sleeper;
        return sleeper;
    }

    public override WakeLink Listen(long number, ChannelCookie cookie, DoorbellSleeper sleeper) => new LocalLink(this);

    public override WakeLink Connect(SegmentAddress address, ChannelCookie cookie, DoorbellSleeper sleeper) => new LocalLink(this);

    private void Signal(nint word)
    {
        if (_sleepers.TryGetValue(word, out LocalDoorbell? sleeper)) sleeper.Signal();
    }

    private sealed class LocalView(LocalSegment owner, SegmentAddress address) : SharedSegment(owner.Start, owner.Length, address)
    {
        protected override void Unmap(byte* start)
        {
            // The memory belongs to the segment's owner.
        }
    }

    private sealed class LocalLink(LocalChannelPlatform platform) : WakeLink
    {
        public override DoorbellRinger CreateRinger(uint* word) => new LocalRinger(word, platform);
    }

    private sealed class LocalRinger(uint* word, LocalChannelPlatform platform) : DoorbellRinger(word)
    {
        private readonly nint _word = (nint)word;

        protected override void Wake() => platform.Signal(_word);
    }
}
