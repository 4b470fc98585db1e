namespace Samovar;

/// <summary>Specifies the faults that an <see cref="InMemoryTransport"/> injects. Immutable.</summary>
public sealed record InMemoryFaults
{
    /// <summary>Gets the probability, from 0 to 1, with which a message is delivered twice. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double DuplicateRate
    {
        get;
        init => field = value is >= 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(DuplicateRate), value, "DuplicateRate must be from 0 to 1.");
    }

    /// <summary>Gets the probability, from 0 to 1, with which a message is delayed by a random time up to <see cref="MaxDelay"/>. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double DelayRate
    {
        get;
        init => field = value is >= 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(DelayRate), value, "DelayRate must be from 0 to 1.");
    } = 1;

    /// <summary>Gets the longest time by which a message is delayed. Messages that follow it to the same receiver wait for it. Zero (the default) or
    /// more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public TimeSpan MaxDelay
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero, nameof(MaxDelay));
            field = value;
        }
    }

    /// <summary>Gets the seed of the random choices. Default: 0.</summary>
    public int Seed { get; init; }

    /// <summary>Gets the clock for delays. The default is <see cref="TimeProvider.System"/>.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public TimeProvider TimeProvider
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(TimeProvider));
            field = value;
        }
    } = TimeProvider.System;
}
