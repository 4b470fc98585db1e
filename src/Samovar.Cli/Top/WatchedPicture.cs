namespace Samovar.Cli.Top;

/// <summary>What <c>samovar top</c> shows of a picture; docs/reference/watch-protocol.md has all members. Times are milliseconds.</summary>
internal sealed record WatchedPicture
{
    public double At { get; init; }

    public double Cost { get; init; }

    public WatchedProcess Process { get; init; } = new();

    public IReadOnlyList<WatchedExecutor> Executors { get; init; } = [];

    public IReadOnlyList<WatchedWorker> Workers { get; init; } = [];

    public IReadOnlyList<WatchedTask> Running { get; init; } = [];

    public long RunningTotal { get; init; }

    public IReadOnlyList<WatchedFunction> Functions { get; init; } = [];

    public IReadOnlyList<WatchedAdvice> Advice { get; init; } = [];
}

/// <summary>The resources of the watched process.</summary>
internal sealed record WatchedProcess
{
    public double Cpu { get; init; }

    public long Memory { get; init; }

    public long Heap { get; init; }

    public long Allocated { get; init; }

    public double GcPause { get; init; }

    public long PoolThreads { get; init; }

    public long PoolQueue { get; init; }
}

/// <summary>An executor.</summary>
internal sealed record WatchedExecutor
{
    public long Id { get; init; }

    public string? Name { get; init; }

    public string? Type { get; init; }

    public long Workers { get; init; }

    public long Live { get; init; }

    public long Busy { get; init; }

    public long Queued { get; init; }

    public long Running { get; init; }

    public long Submitted { get; init; }

    public long Succeeded { get; init; }

    public long Failed { get; init; }

    public long Canceled { get; init; }

    public long Retries { get; init; }

    /// <summary>How many tasks have completed.</summary>
    public double Completed => (double)Succeeded + Failed + Canceled;
}

/// <summary>A worker.</summary>
internal sealed record WatchedWorker
{
    public long Executor { get; init; }

    public long Worker { get; init; }

    public string? Name { get; init; }

    public long? Process { get; init; }

    public string? State { get; init; }

    public long? Task { get; init; }

    public string? Function { get; init; }

    public double? For { get; init; }

    public long? Memory { get; init; }
}

/// <summary>A running task.</summary>
internal sealed record WatchedTask
{
    public long Executor { get; init; }

    public long Id { get; init; }

    public string? Name { get; init; }

    public string? Function { get; init; }

    public string? WorkerName { get; init; }

    public long Attempt { get; init; }

    public double For { get; init; }

    public bool Stopping { get; init; }

    public double? Fraction { get; init; }

    public string? Message { get; init; }
}

/// <summary>A function.</summary>
internal sealed record WatchedFunction
{
    public long Executor { get; init; }

    public string? Function { get; init; }

    public long Count { get; init; }

    public long Failed { get; init; }

    public long TimedOut { get; init; }

    public long Retries { get; init; }

    public WatchedTimes Run { get; init; } = new();

    public WatchedTimes Wait { get; init; } = new();
}

/// <summary>The distribution of durations.</summary>
internal sealed record WatchedTimes
{
    public long Count { get; init; }

    public double Sum { get; init; }

    public double P50 { get; init; }

    public double P95 { get; init; }

    public double P99 { get; init; }

    public double Max { get; init; }

    /// <summary>Pairs: an upper bound, and how many values are in that bucket.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Buckets { get; init; } = [];
}

/// <summary>A sentence on what could be better.</summary>
internal sealed record WatchedAdvice
{
    public string? Severity { get; init; }

    public string? Text { get; init; }
}
