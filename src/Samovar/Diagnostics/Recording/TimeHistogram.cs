using System.Numerics;

namespace Samovar.Diagnostics.Recording;

/// <summary>Counts durations in buckets that grow by a fifth on average: four for each power of two, from a microsecond to an hour. So a percentile is
/// at most a quarter too large. Not thread-safe.</summary>
internal sealed class TimeHistogram
{
    private const int StepBits = 2;
    private const int Steps = 1 << StepBits;
    private const int Powers = 32; // of microseconds: 71 minutes
    private const long TicksPerMicrosecond = TimeSpan.TicksPerMillisecond / 1_000;

    private readonly int[] _counts = new int[Powers * Steps];
    private long _sum;
    private long _max;

    public TimeHistogram()
    {
    }

    private TimeHistogram(TimeHistogram other)
    {
        other._counts.CopyTo(_counts, 0);
        (Count, _sum, _max) = (other.Count, other._sum, other._max);
    }

    public long Count { get; private set; }

    public TimeSpan Sum => TimeSpan.FromTicks(_sum);

    public TimeSpan Max => TimeSpan.FromTicks(_max);

    public void Add(TimeSpan value) => Add(value, 1);

    /// <summary>Adds a value several times.</summary>
    public void Add(TimeSpan value, int times)
    {
        long ticks = Math.Max(0, value.Ticks);
        _counts[IndexOf(ticks / TicksPerMicrosecond)] += times;
        Count += times;
        _sum += ticks * times;
        _max = Math.Max(_max, ticks);
    }

    public TimeHistogram Copy() => new(this);

    /// <summary>Adds the values of another histogram.</summary>
    public void Add(TimeHistogram other)
    {
        for (int i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
        Count += other.Count;
        _sum += other._sum;
        _max = Math.Max(_max, other._max);
    }

    /// <summary>Returns the values that were added since an earlier copy of this histogram. The maximum remains that of all values.</summary>
    /// <param name="earlier">The copy; null for all values.</param>
    public TimeHistogram Since(TimeHistogram? earlier)
    {
        var rest = Copy();
        if (earlier is null) return rest;
        for (int i = 0; i < _counts.Length; i++) rest._counts[i] -= earlier._counts[i];
        rest.Count -= earlier.Count;
        rest._sum -= earlier._sum;
        return rest;
    }

    /// <summary>Returns a duration that at least this part of the values do not exceed; zero without values.</summary>
    /// <param name="part">The part, from 0 to 1.</param>
    public TimeSpan Percentile(double part)
    {
        long rank = Math.Max(1, (long)Math.Ceiling(part * Count)), seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank) return TimeSpan.FromTicks(Math.Min(_max, UpperBound(i) * TicksPerMicrosecond));
        }

        return TimeSpan.Zero;
    }

    /// <summary>Returns the buckets that are not empty: the upper bound of each, and how many values are in it.</summary>
    public IEnumerable<(TimeSpan UpTo, int Count)> Buckets()
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            if (_counts[i] > 0) yield return (TimeSpan.FromTicks(UpperBound(i) * TicksPerMicrosecond), _counts[i]);
        }
    }

    // Up to 8 µs each bucket is a microsecond; from there a power of two has four. The largest has everything that is longer.
    private static int IndexOf(long microseconds)
    {
        if (microseconds < Steps * 2) return (int)microseconds;
        int power = BitOperations.Log2((ulong)microseconds);
        int step = (int)(microseconds >> (power - StepBits)) & (Steps - 1);
        return Math.Min((Powers * Steps) - 1, ((power - 1) * Steps) + step);
    }

    private static long UpperBound(int index)
    {
        if (index < Steps * 2) return index + 1;
        int power = (index / Steps) + 1, step = index % Steps;
        return (long)(Steps + step + 1) << (power - StepBits);
    }
}
