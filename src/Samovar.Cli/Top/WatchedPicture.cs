namespace Samovar.Cli.Top;

/// <summary>What <c>samovar top</c> shows of a picture; docs/reference/watch-protocol.md has all members. Times are milliseconds.</summary>
internal sealed record WatchedPicture
{
    public double At { get; set; }

    public double Cost { get; set; }

    public WatchedProcess Process { get; set; } = new();

    public IReadOnlyList<WatchedExecutor> Executors { get; set; } = [];

    public IReadOnlyList<WatchedMap> Maps { get; set; } = [];

    public long MapsTotal { get; set; }

    public IReadOnlyList<WatchedWorker> Workers { get; set; } = [];

    public IReadOnlyList<WatchedTask> Running { get; set; } = [];

    public long RunningTotal { get; set; }

    public IReadOnlyList<WatchedFunction> Functions { get; set; } = [];

    public IReadOnlyList<WatchedAdvice> Advice { get; set; } = [];
}

/// <summary>The resources of the watched process.</summary>
internal sealed record WatchedProcess
{
    public double Cpu { get; set; }

    public long Memory { get; set; }

    public long Heap { get; set; }

    public long Allocated { get; set; }

    public double GcPause { get; set; }

    public long PoolThreads { get; set; }

    public long PoolQueue { get; set; }
}

/// <summary>An executor.</summary>
internal sealed record WatchedExecutor
{
    public long Id { get; set; }

    public string? Name { get; set; }

    public string? Type { get; set; }

    public long Workers { get; set; }

    public long Live { get; set; }

    public long Busy { get; set; }

    public long Queued { get; set; }

    public long Running { get; set; }

    public long Submitted { get; set; }

    public long Succeeded { get; set; }

    public long Failed { get; set; }

    public long Canceled { get; set; }

    public long Retries { get; set; }

    public List<WatchedResource> Resources { get; set; } = [];

    /// <summary>How many tasks have completed.</summary>
    public double Completed => (double)Succeeded + Failed + Canceled;
}

/// <summary>A resource that the tasks of an executor share.</summary>
internal sealed record WatchedResource
{
    public string? Name { get; set; }

    public double Total { get; set; }

    public double InUse { get; set; }

    public long Waiting { get; set; }
}

/// <summary>A map.</summary>
internal sealed record WatchedMap
{
    public long Executor { get; set; }

    public string? Name { get; set; }

    public string? Function { get; set; }

    public long? Total { get; set; }

    public long Done { get; set; }

    public long Failed { get; set; }

    public long Running { get; set; }

    public double Rate { get; set; }

    public double Elapsed { get; set; }

    public double? Left { get; set; }

    public bool Ended { get; set; }

    public WatchedTimes? Run { get; set; }
}

/// <summary>A worker.</summary>
internal sealed record WatchedWorker
{
    public long Executor { get; set; }

    public long Worker { get; set; }

    public string? Name { get; set; }

    public long? Process { get; set; }

    public string? State { get; set; }

    public long? Task { get; set; }

    public string? Function { get; set; }

    public double? For { get; set; }

    public long? Memory { get; set; }
}

/// <summary>A running task.</summary>
internal sealed record WatchedTask
{
    public long Executor { get; set; }

    public long Id { get; set; }

    public string? Name { get; set; }

    public string? Function { get; set; }

    public string? WorkerName { get; set; }

    public long Attempt { get; set; }

    public double For { get; set; }

    public bool Stopping { get; set; }

    public double? Fraction { get; set; }

    public string? Message { get; set; }
}

/// <summary>A function.</summary>
internal sealed record WatchedFunction
{
    public long Executor { get; set; }

    public string? Function { get; set; }

    public long Count { get; set; }

    public long Failed { get; set; }

    public long TimedOut { get; set; }

    public long Retries { get; set; }

    public WatchedTimes Run { get; set; } = new();

    public WatchedTimes Wait { get; set; } = new();
}

/// <summary>The distribution of durations.</summary>
internal sealed record WatchedTimes
{
    public long Count { get; set; }

    public double Sum { get; set; }

    public double P50 { get; set; }

    public double P95 { get; set; }

    public double P99 { get; set; }

    public double Max { get; set; }

    /// <summary>Pairs: an upper bound, and how many values are in that bucket.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Buckets { get; set; } = [];
}

/// <summary>A sentence on what could be better.</summary>
internal sealed record WatchedAdvice
{
    public string? Severity { get; set; }

    public string? Text { get; set; }
}
