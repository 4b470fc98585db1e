using Samovar.Ipc.Platform;
using Samovar.Primitives;

namespace Samovar.Ipc.Channel;

/// <summary>
/// The doorbell of a parent: a segment of its own with one word that all its workers ring, so that one thread waits for all.
/// </summary>
/// <remarks>
/// It is all that workers share. The worst that one of them can do through it, by malice or by being stopped between two
/// instructions, is to delay the parent's wake-up to the bound of its wait: wait with one while work is in flight.
/// </remarks>
internal sealed unsafe class ParentBell : IDisposable
{
    /// <summary>The segment's size.</summary>
    public const int SegmentLength = 4096;

    /// <summary>Where the word stands in it: 1 while the parent sleeps.</summary>
    public const int WordOffset = 128;

    private readonly Lock _gate = new();
    private readonly SharedSegment _segment;
    private bool _isDisposed;

    public ParentBell(ChannelPlatform platform, SpinPolicy? spin = null)
    {
        Platform = platform;
        _segment = platform.CreateSegment(SegmentLength);
        Sleeper = platform.CreateSleeper((uint*)_segment.At(WordOffset, sizeof(uint)), spin ?? SpinPolicy.Processes);
    }

    public ChannelPlatform Platform { get; }

    /// <summary>What a worker needs to open it.</summary>
    public SegmentAddress Address => _segment.Address;

    /// <summary>Where the parent's one draining thread waits.</summary>
    public DoorbellSleeper Sleeper { get; }

    /// <summary>Wakes whoever waits. Any thread, also after the end: the last exits of workers are told late.</summary>
    public void Interrupt()
    {
        lock (_gate)
        {
            if (!_isDisposed) Sleeper.Interrupt();
        }
    }

    /// <summary>Only once no worker is left and nobody waits.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            Sleeper.Dispose();
            _segment.Dispose();
        }
    }
}
