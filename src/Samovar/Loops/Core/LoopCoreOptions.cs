namespace Samovar.Loops.Core;

/// <summary>Options of a <see cref="LoopCore"/>.</summary>
internal sealed record LoopCoreOptions
{
    /// <summary>The clock. In virtual time, it is used only to measure how long callbacks take.</summary>
    public TimeProvider Source { get; init; } = TimeProvider.System;

    /// <summary>Whether time is virtual and jumps to the next timer when there is nothing else to do.</summary>
    public bool IsVirtual { get; init; }

    /// <summary>Chooses the next ready callback; null for the oldest.</summary>
    public ReadyOrder? Order { get; init; }

    /// <summary>How long a callback may run before it is reported; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    public TimeSpan SlowLimit { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>How long code may block the thread before the wait is reported; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    public TimeSpan BlockLimit { get; init; } = Timeout.InfiniteTimeSpan;
}
