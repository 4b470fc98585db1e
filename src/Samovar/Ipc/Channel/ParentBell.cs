using Samovar.Ipc.Platform;
using Samovar.Primitives;

namespace Samovar.Ipc.Channel;

/// <summary>
/// The doorbell of a parent: a segment of its own with one word that all its workers ring, so that one thread can wait for all of them.
/// </summary>
/// <remarks>
/// It is the only memory that workers share. The worst that a hostile or stopped worker can do through it is to delay the parent's wake-up to the
/// timeout of its wait, so the parent waits with a timeout while work is in flight.
/// </remarks>
internal sealed unsafe class ParentBell : IDisposable
{
    /// <summary>The segment's size in bytes.</summary>
    public const int SegmentLength = 4096;

    /// <summary>The offset of the word, which is 1 while the parent sleeps.</summary>
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

    /// <summary>What a worker needs to open the bell.</summary>
    public SegmentAddress Address => _segment.Address;

    /// <summary>The side at which the parent's single draining thread waits.</summary>
    public DoorbellSleeper Sleeper { get; }

    /// <summary>Wakes the waiting thread. Called by any thread, also after <see cref="Dispose"/>, because the last exits of workers are reported
    /// late.</summary>
    public void Interrupt()
    {
        lock (_gate)
        {
            if (!_isDisposed) Sleeper.Interrupt();
        }
    }

    /// <summary>Called only after the last worker has exited and no thread waits.</summary>
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
