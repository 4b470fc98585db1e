using System.Diagnostics;
using Samovar.Ipc.Platform;
using Samovar.Primitives;

namespace Samovar.Ipc.Channel;

/// <summary>Keeps used segments to be filled again: for the kernel, a new page costs about ten times as much as copying into it.
/// Thread-safe.</summary>
/// <remarks>
/// Only segments that no other process can write are kept (<see cref="SharedSegment.IsReadOnlyToOthers"/>). A process that opened one before and
/// still has it can read the next contents, but not change them. Callers return a segment only when its readers are done.
/// </remarks>
internal sealed class WarmSegments(ChannelPlatform platform, TimeProvider time) : IDisposable
{
    /// <summary>How long an unused segment is kept.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The largest number of bytes that are kept.</summary>
    public const long MostBytes = 512L << 20;

    /// <summary>Lengths are rounded up to eighths of a power of two, so that a segment also fits the next message.</summary>
    private const int StepsOfPower = 8;

    private const long SmallestStep = 64 * 1024;

    /// <summary>A segment of up to this length fits any smaller message.</summary>
    private const long SmallestFit = 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly List<(SharedSegment Segment, long Since)> _kept = []; // in the order in which they were returned
    private long _keptBytes;
    private ITimer? _timer;
    private bool _isDisposed;

    /// <summary>The number of bytes kept now.</summary>
    public long KeptBytes
    {
        get
        {
            lock (_gate) return _keptBytes;
        }
    }

    /// <summary>Gets a segment of at least <paramref name="length"/> bytes with arbitrary contents. The caller owns it until it returns or disposes
    /// it.</summary>
    /// <exception cref="IOException">No descriptor or memory is left.</exception>
    public SharedSegment Rent(long length)
    {
        lock (_gate)
        {
            int best = -1;
            for (int i = _kept.Count - 1; i >= 0; i--)
            {
                long has = _kept[i].Segment.Length;
                if (has >= length && has <= LargestFit(length) && (best < 0 || has < _kept[best].Segment.Length)) best = i;
            }

            if (best >= 0)
            {
                var warm = TakeLocked(best);
                CheckInvariantsLocked();
                return warm;
            }
        }

        return platform.CreateForReaders(RoundUp(length));
    }

    /// <summary>Returns a segment whose readers are done.</summary>
    public void Return(SharedSegment segment)
    {
        if (!segment.IsReadOnlyToOthers || segment.Length > MostBytes)
        {
            segment.Dispose();
            return;
        }

        List<SharedSegment> dropped = [];
        lock (_gate)
        {
            if (_isDisposed)
            {
                dropped.Add(segment);
            }
            else
            {
                _kept.Add((segment, time.GetTimestamp()));
                _keptBytes += segment.Length;
                while (_keptBytes > MostBytes) dropped.Add(TakeLocked(0));
                if (_timer is null)
                {
                    _timer = time.CreateTimerWithoutFlow(static kept => ((WarmSegments)kept!).DropUnwanted(), this);
                    _timer.Change(Patience, Timeout.InfiniteTimeSpan);
                }
            }

            CheckInvariantsLocked();
        }

        foreach (var unwanted in dropped) unwanted.Dispose();
    }

    public void Dispose()
    {
        List<SharedSegment> dropped = [];
        lock (_gate)
        {
            _isDisposed = true;
            _timer?.Dispose();
            _timer = null;
            while (_kept.Count > 0) dropped.Add(TakeLocked(0));
            CheckInvariantsLocked();
        }

        foreach (var segment in dropped) segment.Dispose();
    }

    private void DropUnwanted()
    {
        List<SharedSegment> dropped = [];
        lock (_gate)
        {
            if (_isDisposed) return;
            long now = time.GetTimestamp();
            while (_kept.Count > 0 && time.GetElapsedTime(_kept[0].Since, now) >= Patience) dropped.Add(TakeLocked(0));
            if (_kept.Count > 0)
            {
                _timer?.Change(TimeoutArguments.ToNextCall(Patience - time.GetElapsedTime(_kept[0].Since, now)), Timeout.InfiniteTimeSpan);
            }
            else
            {
                _timer?.Dispose(); // null if the timer was called twice
                _timer = null;
            }

            CheckInvariantsLocked();
        }

        foreach (var segment in dropped) segment.Dispose();
    }

    private SharedSegment TakeLocked(int index)
    {
        var segment = _kept[index].Segment;
        _kept.RemoveAt(index);
        _keptBytes -= segment.Length;
        return segment;
    }

    /// <summary>Counts the bytes of a few segments only; counting many would take too long.</summary>
    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        const int few = 64;
        Debug.Assert(_keptBytes >= 0 && _keptBytes <= MostBytes, "the kept bytes are within the limit");
        Debug.Assert(_kept.Count > few || _keptBytes == _kept.Sum(static kept => kept.Segment.Length), "the count equals the kept bytes");
        Debug.Assert(!_isDisposed || (_kept.Count == 0 && _timer is null), "nothing is kept after disposal");
        Debug.Assert(_kept.Count == 0 || _timer is not null, "a timer drops the kept segments");
    }

    /// <summary>A small message in a huge segment would block it for the next huge message, and its reader would map all of it.</summary>
    private static long LargestFit(long length) => Math.Max(2 * length, SmallestFit);

    private static long RoundUp(long length)
    {
        long power = (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)length);
        long step = Math.Max(power / 2 / StepsOfPower, SmallestStep);
        return (length + step - 1) / step * step;
    }
}
