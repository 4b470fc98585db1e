namespace Samovar.Diagnostics.Metering;

/// <summary>The figures of one executor that are read when a listener collects them.</summary>
internal readonly record struct ExecutorFigures
{
    /// <summary>How many tasks were admitted.</summary>
    public long Submitted { get; init; }

    public long Queued { get; init; }

    /// <summary>How many tasks were sent ahead; null if the executor sends none.</summary>
    public long? Sent { get; init; }

    public long Running { get; init; }

    public long Idle { get; init; }

    public long Busy { get; init; }

    /// <summary>How many workers are starting; null if workers are not processes.</summary>
    public long? Starting { get; init; }

    /// <summary>How many workers are stopping; null if workers are not processes.</summary>
    public long? Stopping { get; init; }

    public static ExecutorFigures operator +(in ExecutorFigures one, in ExecutorFigures other) => new()
    {
        Submitted = one.Submitted + other.Submitted,
        Queued = one.Queued + other.Queued,
        Sent = one.Sent + other.Sent,
        Running = one.Running + other.Running,
        Idle = one.Idle + other.Idle,
        Busy = one.Busy + other.Busy,
        Starting = one.Starting + other.Starting,
        Stopping = one.Stopping + other.Stopping,
    };
}
