namespace Samovar.Cli.Map.Running;

/// <summary>How items are run.</summary>
internal sealed record RunSettings
{
    /// <summary>In an ordered run, how far the others may go on past a slow item.</summary>
    private const int OrderedAhead = 16 * 1024;

    public Engine Engine { get; init; }

    public int Workers { get; init; } = Environment.ProcessorCount;

    public TimeSpan? Timeout { get; init; }

    /// <summary>Attempts beyond the first.</summary>
    public int Retries { get; init; }

    /// <summary>Bytes a worker may hold after an item; twice as much of its heap is more than it gets at all.</summary>
    public long? MemoryLimit { get; init; }

    public int? MaxItemsPerWorker { get; init; }

    public bool KeepOrder { get; init; }

    public HaltRule? Halt { get; init; }

    public BadInput BadInput { get; init; }

    /// <summary>Makes the executor.</summary>
    /// <param name="runtimeConfiguration">Of the target.</param>
    /// <param name="said">Gets what workers write.</param>
    public Executor CreateExecutor(string runtimeConfiguration, Action<WorkerOutputLine> said) => Engine switch
    {
        Engine.Threads => new ThreadExecutor(new() { Name = "map", Workers = Workers }),
        Engine.Inline => new InlineExecutor(new() { Name = "map" }),
        _ => new ProcessExecutor(new()
        {
            Name = "map",
            Workers = Workers,
            RuntimeConfiguration = runtimeConfiguration,
            MemoryLimitPerWorker = MemoryLimit,
            HeapLimit = MemoryLimit * 2,
            MaxTasksPerWorker = MaxItemsPerWorker,
            OutputReceived = said,
        }),
    };

    public MapOptions CreateMapOptions() => new()
    {
        Ordered = KeepOrder,
        MaxInFlight = KeepOrder ? OrderedAhead : null,
        Timeout = Timeout,
        // Limits that are looked at after each task are meant for each item.
        BatchSize = Engine == Engine.Processes && (MaxItemsPerWorker is not null || MemoryLimit is not null) ? 1 : null,
        Retry = Retries == 0 ? null : new RetryPolicy
        {
            MaxAttempts = Retries + 1,
            RetryOn = static error => error is not ItemFailedException { Report.Status: ItemStatus.Malformed },
        },
    };
}
