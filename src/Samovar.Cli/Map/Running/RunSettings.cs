namespace Samovar.Cli.Map.Running;

/// <summary>The settings with which items are run.</summary>
internal sealed record RunSettings
{
    /// <summary>In an ordered run, the maximum number of items in flight, which limits how far others run ahead of a slow item.</summary>
    private const int OrderedAhead = 16 * 1024;

    public Engine Engine { get; init; }

    public int Workers { get; init; } = Environment.ProcessorCount;

    public TimeSpan? Timeout { get; init; }

    /// <summary>The number of attempts after the first.</summary>
    public int Retries { get; init; }

    /// <summary>The memory in bytes above which a worker is replaced after an item. The worker's heap is limited to twice as much.</summary>
    public long? MemoryLimit { get; init; }

    public int? MaxItemsPerWorker { get; init; }

    public bool KeepOrder { get; init; }

    public HaltRule? Halt { get; init; }

    public BadInput BadInput { get; init; }

    /// <summary>Creates the executor.</summary>
    /// <param name="runtimeConfiguration">The path of the target's runtime configuration.</param>
    /// <param name="said">Called with each line that a worker writes.</param>
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
        // These limits are checked after each task, so each item must be a task of its own.
        BatchSize = Engine == Engine.Processes && (MaxItemsPerWorker is not null || MemoryLimit is not null) ? 1 : null,
        Retry = Retries == 0 ? null : new RetryPolicy
        {
            MaxAttempts = Retries + 1,
            RetryOn = static error => error is not ItemFailedException { Report.Status: ItemStatus.Malformed },
        },
    };
}
