namespace Samovar.Loops.Core;

/// <summary>How a loop runs.</summary>
internal sealed record LoopCoreOptions
{
    /// <summary>The clock; in virtual time it only measures how long callbacks take.</summary>
    public TimeProvider Source { get; init; } = TimeProvider.System;

    /// <summary>Whether time is virtual: it jumps to the next timer when nothing else is left to do.</summary>
    public bool IsVirtual { get; init; }

    /// <summary>Which ready callback is the next; null for the oldest.</summary>
    public ReadyOrder? Order { get; init; }

    /// <summary>How long a callback may take before it is reported; <see cref="Timeout.InfiniteTimeSpan"/>: it is never reported.</summary>
    public TimeSpan SlowLimit { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>How long code may block the thread before it is reported; <see cref="Timeout.InfiniteTimeSpan"/>: it is never reported.</summary>
    public TimeSpan BlockLimit { get; init; } = Timeout.InfiniteTimeSpan;
}
