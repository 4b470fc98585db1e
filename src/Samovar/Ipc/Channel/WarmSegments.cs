using System.Diagnostics;
using Samovar.Ipc.Platform;
using Samovar.Primitives;

namespace Samovar.Ipc.Channel;

/// <summary>Segments that were used and wait to be filled again: a fresh page costs the kernel some ten times what it costs to copy
/// into it. Safe for any thread.</summary>
/// <remarks>
/// Only segments that nobody else can write are kept (<see cref="SharedSegment.IsReadOnlyToOthers"/>): whoever opened one before,
/// and still has it, can read what is put there next, and cannot change it. Who gives one back knows that its readers are done.
/// </remarks>
internal sealed class WarmSegments(ChannelPlatform platform, TimeProvider time) : IDisposable
{
    /// <summary>How long one is kept that nobody wants.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How many bytes are kept at most.</summary>
    public const long MostBytes = 512L << 20;

    /// <summary>Lengths are rounded up to eighths of a power of two, so that one fits the next message too.</summary>
    private const int StepsOfPower = 8;

    private const long SmallestStep = 64 * 1024;

    /// <summary>A segment up to this fits anything that is smaller.</summary>
    private const long SmallestFit = 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly List<(SharedSegment Segment, long Since)> _kept = []; // the one given back last is the last
    private long _keptBytes;
    private ITimer? _timer;
    private bool _isDisposed;

    /// <summary>Bytes kept now.</summary>
    public long KeptBytes
    {
        get
        {
            lock (_gate) return _keptBytes;
        }
    }

    /// <summary>A segment of at least <paramref name="length"/> bytes, whatever they hold; the caller's until it is given back or
    /// disposed.</summary>
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

    /// <summary>Gives a segment back, whose readers are done.</summary>
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
                _timer?.Dispose(); // null where a call came twice
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

    /// <summary>Counts the bytes of a few: with many it would take too long.</summary>
    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        const int few = 64;
        Debug.Assert(_keptBytes >= 0 && _keptBytes <= MostBytes, "not more is kept than is allowed");
        Debug.Assert(_kept.Count > few || _keptBytes == _kept.Sum(static kept => kept.Segment.Length), "as many bytes are counted as are kept");
        Debug.Assert(!_isDisposed || (_kept.Count == 0 && _timer is null), "nothing is kept after the end");
        Debug.Assert(_kept.Count == 0 || _timer is not null, "what is kept is dropped in time");
    }

    /// <summary>A small message in a huge segment would keep the next huge one from it, and its reader maps all of it.</summary>
    private static long LargestFit(long length) => Math.Max(2 * length, SmallestFit);

    private static long RoundUp(long length)
    {
        long power = (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)length);
        long step = Math.Max(power / 2 / StepsOfPower, SmallestStep);
        return (length + step - 1) / step * step;
    }
}
