namespace Samovar;

/// <summary>Options of a <see cref="ChildProcess"/>. Immutable. Options that <see cref="ProcessExecutorOptions"/> has too have the same meaning
/// there.</summary>
public sealed record ChildProcessOptions
{
    private readonly ProcessExecutorOptions _worker = new();

    /// <summary>Gets the name of the child in errors and in front of its output. Default: the name of the type and a number.</summary>
    /// <exception cref="ArgumentException">The value is empty or consists of white space.</exception>
    public string? Name
    {
        get => _worker.Name;
        init => _worker = _worker with { Name = value };
    }

    /// <summary>Gets whether the child is a background process, in analogy to a background thread. If false (the default), a program whose
    /// <c>Main</c> has returned waits until the child has exited; if true, the program exits, and the child is terminated. If the program exits in
    /// another way (<see cref="System.Environment.Exit"/>, a signal, a crash), no child outlives it, whether it is a background process or
    /// not.</summary>
    public bool IsBackground { get; init; }

    /// <inheritdoc cref="ProcessExecutorOptions.StartTimeout"/>
    public TimeSpan StartTimeout
    {
        get => _worker.StartTimeout;
        init => _worker = _worker with { StartTimeout = value };
    }

    /// <inheritdoc cref="ProcessExecutorOptions.Environment"/>
    public IReadOnlyDictionary<string, string?> Environment
    {
        get => _worker.Environment;
        init => _worker = _worker with { Environment = value };
    }

    /// <inheritdoc cref="ProcessExecutorOptions.WorkingDirectory"/>
    public string? WorkingDirectory
    {
        get => _worker.WorkingDirectory;
        init => _worker = _worker with { WorkingDirectory = value };
    }

    /// <inheritdoc cref="ProcessExecutorOptions.Niceness"/>
    public int Niceness
    {
        get => _worker.Niceness;
        init => _worker = _worker with { Niceness = value };
    }

    /// <inheritdoc cref="ProcessExecutorOptions.ProcessorAffinity"/>
    public IReadOnlyList<int> ProcessorAffinity
    {
        get => _worker.ProcessorAffinity;
        init => _worker = _worker with { ProcessorAffinity = value };
    }

    /// <inheritdoc cref="ProcessExecutorOptions.HeapLimit"/>
    public long? HeapLimit
    {
        get => _worker.HeapLimit;
        init => _worker = _worker with { HeapLimit = value };
    }

    /// <inheritdoc cref="ProcessExecutorOptions.HardMemoryLimit"/>
    public long? HardMemoryLimit
    {
        get => _worker.HardMemoryLimit;
        init => _worker = _worker with { HardMemoryLimit = value };
    }

    /// <inheritdoc cref="ProcessExecutorOptions.ServerGarbageCollection"/>
    public bool ServerGarbageCollection
    {
        get => _worker.ServerGarbageCollection;
        init => _worker = _worker with { ServerGarbageCollection = value };
    }

    /// <inheritdoc cref="ProcessExecutorOptions.ConcurrentGarbageCollection"/>
    public bool ConcurrentGarbageCollection
    {
        get => _worker.ConcurrentGarbageCollection;
        init => _worker = _worker with { ConcurrentGarbageCollection = value };
    }

    /// <inheritdoc cref="ProcessExecutorOptions.EnableDiagnostics"/>
    public bool EnableDiagnostics
    {
        get => _worker.EnableDiagnostics;
        init => _worker = _worker with { EnableDiagnostics = value };
    }

    /// <inheritdoc cref="ProcessExecutorOptions.Output"/>
    public WorkerOutput Output
    {
        get => _worker.Output;
        init => _worker = _worker with { Output = value };
    }

    /// <inheritdoc cref="ProcessExecutorOptions.OutputReceived"/>
    public Action<WorkerOutputLine>? OutputReceived
    {
        get => _worker.OutputReceived;
        init => _worker = _worker with { OutputReceived = value };
    }

    /// <summary>Gets the clock for the timeouts of <see cref="ChildProcess.JoinAsync(TimeSpan, CancellationToken)"/>. Default:
    /// <see cref="TimeProvider.System"/>.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public TimeProvider TimeProvider
    {
        get => _worker.TimeProvider;
        init => _worker = _worker with { TimeProvider = value };
    }

    /// <summary>The same options in the form that the code for pools uses.</summary>
    internal ProcessExecutorOptions Worker => _worker;
}
