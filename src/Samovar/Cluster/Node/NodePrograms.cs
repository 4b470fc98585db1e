using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Samovar.Cluster.Programs;
using Samovar.Cluster.Protocol;
using Samovar.Executors.Actors;
using Samovar.Primitives;

namespace Samovar.Cluster.Node;

/// <summary>The programs whose tasks a node runs, each in workers of its own: that of the node itself, and those that owners send. The node never loads
/// their code. Thread-safe.</summary>
/// <remarks>Messages whose program is not here yet wait, while other messages are processed. The gate guards the programs; it is not held while a
/// pool starts a task.</remarks>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class NodePrograms(NodeCore node, NodeItems items, ClusterNodeOptions options, CancellationToken ending)
{
    /// <summary>How many pools of other programs are kept.</summary>
    private const int MostPools = 3;

    /// <summary>How long workers of other programs are kept without a task, if the options say nothing else.</summary>
    private static readonly TimeSpan s_idle = TimeSpan.FromMinutes(5);

    private readonly NodePool _own = new(node, items, CreateOwn(options, node.Name));
    private readonly ProgramFetcher _fetcher = new(node, options, ending);
    private readonly Lock _gate = new();
    private readonly Dictionary<BuildId, NodeProgram> _others = []; // gate
    private readonly List<Task> _closing = []; // gate: the shutdowns of pools
    private long _uses; // gate
    private bool _isDraining; // gate
    private bool _isClosed; // gate

    /// <summary>Adds the tasks of a delivery to those of the node once their program is here.</summary>
    public void Accept(TasksMessage message, ClusterDelivery delivery)
    {
        if (message.Build != ProgramBuild.Current.Value && !TryAcceptOther(message, delivery)) return;
        items.Add(message, delivery);
    }

    /// <summary>Starts an attempt that its owner has permitted.</summary>
    public void Start(NodeItem item)
    {
        NodePool pool;
        lock (_gate)
        {
            bool isOwn = item.Message.Build == ProgramBuild.Current.Value || _isClosed; // a pool that is shut down refuses the attempt
            pool = isOwn ? _own : PoolLocked(_others[item.Message.Build]);
            pool.Rent();
        }

        pool.Start(item);
    }

    /// <summary>Prepares a worker for an actor whose owner has permitted its creation; returns null if the node has left.</summary>
    public NodeActor? CreateActor(NodeItem creation)
    {
        ProcessExecutorOptions ofProgram;
        bool isOwn = creation.Message.Build == ProgramBuild.Current.Value;
        lock (_gate)
        {
            if (_isClosed) return null;
            ofProgram = isOwn ? OptionsFor(options, node.Name) : OptionsOfLocked(_others[creation.Message.Build]);
        }

        string name = creation.Message.Owner.ToString("N")[..8];
        var life = new ActorLife(_own.Core, name, ActorRestart.Never) { IsCreated = true };
        var ofActor = ofProgram with
        {
            Name = $"{node.Name} actor {name}",
            Workers = 1,
            SpareWorkers = 0,
            MaxTasksPerWorker = null,
            MemoryLimitPerWorker = null,
            IdleTimeout = Timeout.InfiniteTimeSpan,
            ExitHook = null,
            Actor = life,
        };
        return new NodeActor(creation, new NodePool(node, items, (isOwn ? options.CreateWorkers?.Invoke(ofActor) : null) ?? new ProcessExecutor(ofActor)), life);
    }

    /// <summary>Receives the answer of an owner to a request for its program.</summary>
    public void Answer(ProgramStoredMessage answer)
    {
        TaskCompletionSource<ProgramStoredMessage>? expected;
        lock (_gate) expected = _others.TryGetValue(answer.Build, out var program) ? program.Answer : null;
        expected?.TrySetResult(answer);
    }

    /// <summary>Returns whether workers can be started, and the last error: of the node's own program, or of another one that cannot start any.</summary>
    public (WorkerStartState State, string? Error) ReadWorkerStarts()
    {
        List<NodePool> pools;
        lock (_gate) pools = [_own, .. _others.Values.Select(static program => program.Pool).OfType<NodePool>()];
        var statistics = pools.ConvertAll(static pool => pool.GetStatistics());
        var shown = statistics.Find(static pool => pool.WorkerStarts == WorkerStartState.Open)
            ?? statistics.Find(static pool => pool.WorkerStarts != WorkerStartState.Closed) ?? statistics[0];
        return (shown.WorkerStarts, shown.StartError);
    }

    /// <summary>Adds what waits for a program to the node's tasks, which gives them to other nodes.</summary>
    public void BeginDrain()
    {
        List<(TasksMessage Message, ClusterDelivery Delivery)> waiting = [];
        lock (_gate)
        {
            _isDraining = true;
            foreach (var program in _others.Values) waiting.AddRange(TakeWaitingLocked(program));
        }

        AddAll(waiting);
    }

    /// <summary>Kills the workers that still run.</summary>
    public async Task ShutdownAsync()
    {
        List<Task> closing;
        lock (_gate)
        {
            _isDraining = true;
            _isClosed = true;
            closing = [.. _closing, _own.ShutdownAsync(), .. _others.Values.Where(static program => program.Pool is not null).Select(static program => program.Pool!.ShutdownAsync())];
        }

        await Task.WhenAll(closing).ConfigureAwait(false);
        lock (_gate)
        {
            foreach (var program in _others.Values) program.Folder?.Dispose();
        }
    }

    private static ProcessExecutorOptions OptionsFor(ClusterNodeOptions options, string name) => options.WorkerOptions with
    {
        Workers = options.Workers,
        Name = name,
        LoggerFactory = options.LoggerFactory,
        MeterFactory = options.MeterFactory,
        QueueCapacity = null,
        CancellationGrace = Timeout.InfiniteTimeSpan, // the owner decides when to kill
    };

    private static Executor CreateOwn(ClusterNodeOptions options, string name)
    {
        var own = OptionsFor(options, name);
        return options.CreateWorkers?.Invoke(own) ?? new ProcessExecutor(own);
    }

    /// <summary>Returns whether the program of a message is here. If not, the message waits for it, or is refused.</summary>
    private bool TryAcceptOther(TasksMessage message, ClusterDelivery delivery)
    {
        if (!options.RunsOtherPrograms)
        {
            node.Refuse(message, delivery, $"Node '{node.Name}' runs only build {ProgramBuild.Current.Value} of its own program "
                + $"({nameof(ClusterNodeOptions)}.{nameof(ClusterNodeOptions.RunsOtherPrograms)} is false), and the task was submitted by build {message.Build}. "
                + "Start the node from the same build, or set the option to true.");
            return false;
        }

        NodeProgram? created = null;
        lock (_gate)
        {
            if (!_others.TryGetValue(message.Build, out var program)) _others.Add(message.Build, program = created = new NodeProgram(message.Build));
            if (_isDraining || program.Folder is not null) return true;
            program.Waiting.Add((message, delivery));
            CheckInvariantsLocked();
        }

        if (created is not null) _ = PrepareAsync(created);
        return false;
    }

    private async Task PrepareAsync(NodeProgram program)
    {
        ProgramFolder? folder = null;
        string? reason = null;
        try
        {
            folder = await Task.Run(() => _fetcher.FetchAsync(program.Build, () => NextOwner(program), expected => Expect(program, expected)), ending).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // Reported to the owners of the tasks.
            reason = $"Node '{node.Name}' cannot run build {program.Build} of the program: {error.Message}";
        }

        List<(TasksMessage Message, ClusterDelivery Delivery)> waiting;
        lock (_gate)
        {
            if (_isClosed) folder?.Dispose(); // it came too late: the node has left
            else program.Folder = folder;
            waiting = TakeWaitingLocked(program);
            if (folder is null) _others.Remove(program.Build); // the next message tries again
            CheckInvariantsLocked();
        }

        if (reason is null) AddAll(waiting);
        else foreach (var (message, delivery) in waiting) node.Refuse(message, delivery, reason);
    }

    private void AddAll(List<(TasksMessage Message, ClusterDelivery Delivery)> waiting)
    {
        foreach (var (message, delivery) in waiting)
        {
            if (!delivery.IsLost) items.Add(message, delivery); // the broker delivers a lost one again
        }
    }

    private static List<(TasksMessage Message, ClusterDelivery Delivery)> TakeWaitingLocked(NodeProgram program)
    {
        var waiting = program.Waiting;
        program.Waiting = [];
        return waiting;
    }

    /// <summary>Returns the address of an owner that waits for the program; null if none does.</summary>
    private string? NextOwner(NodeProgram program)
    {
        lock (_gate)
        {
            var (message, _) = program.Waiting.FirstOrDefault(waiting => !node.IsSilent(waiting.Message.Owner));
            return message?.Address;
        }
    }

    private void Expect(NodeProgram program, TaskCompletionSource<ProgramStoredMessage> expected)
    {
        lock (_gate) program.Answer = expected;
    }

    private NodePool PoolLocked(NodeProgram program)
    {
        program.UsedAt = ++_uses;
        if (program.Pool is null)
        {
            CloseUnusedLocked();
            var ofProgram = OptionsOfLocked(program);
            if (ofProgram.IdleTimeout == Timeout.InfiniteTimeSpan) ofProgram = ofProgram with { IdleTimeout = s_idle };
            program.Pool = new NodePool(node, items, new ProcessExecutor(ofProgram));
        }

        return program.Pool;
    }

    private ProcessExecutorOptions OptionsOfLocked(NodeProgram program) => OptionsFor(options, $"{node.Name} {program.Build}") with
    {
        Program = program.Folder!.Files,
        RuntimeConfiguration = null, // those below are of the node's own program
        Initializer = null,
        InProcess = false,
    };

    /// <summary>Closes the pools that were not used for the longest time, if there are too many. Those with tasks stay.</summary>
    private void CloseUnusedLocked()
    {
        var unused = _others.Values.Where(static program => program.Pool is { Rented: 0 }).OrderBy(static program => program.UsedAt).ToList();
        int open = _others.Values.Count(static program => program.Pool is not null);
        foreach (var program in unused.Take(Math.Max(0, open + 1 - MostPools)))
        {
            _closing.RemoveAll(static closing => closing.IsCompleted);
            _closing.Add(program.Pool!.ShutdownAsync());
            program.Pool = null;
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked() =>
        Debug.Assert(_others.Values.All(static program => program.Folder is null || program.Waiting.Count == 0), "no message waits for a program that is here");
}
