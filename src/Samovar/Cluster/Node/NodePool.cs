using System.Diagnostics.CodeAnalysis;
using Samovar.Cluster.Protocol;
using Samovar.Cluster.Worker;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Cluster.Node;

/// <summary>Runs attempts in the node's worker processes.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class NodePool(NodeCore node, NodeItems items, Executor executor)
{
    private readonly RemoteExecutorCore _pool = (RemoteExecutorCore)executor.Core;
    private readonly SharedWorks _works = new((RemoteExecutorCore)executor.Core);
    private int _rented; // Interlocked

    /// <summary>The number of attempts that are in the pool, or on their way into it.</summary>
    public int Rented => Volatile.Read(ref _rented); // SYNC: pool rented

    /// <summary>Counts an attempt that is about to be started, so that the pool stays open.</summary>
    public void Rent() => Interlocked.Increment(ref _rented); // SYNC: pool rented

    /// <summary>Called once for each attempt, when it has completed or could not be started.</summary>
    public void Return() => Interlocked.Decrement(ref _rented); // SYNC: pool rented

    public ExecutorStatistics GetStatistics() => executor.GetStatistics();

    /// <summary>Kills what runs, and closes the pool.</summary>
    public Task ShutdownAsync() => executor.ShutdownAsync(ShutdownMode.Kill, TimeSpan.Zero, CancellationToken.None);

    /// <summary>Waits for what runs, and closes the pool.</summary>
    public Task CloseAsync() => executor.ShutdownAsync(ShutdownMode.Drain, TimeSpan.Zero, CancellationToken.None);

    /// <summary>The core of the executor.</summary>
    public RemoteExecutorCore Core => _pool;

    /// <summary>Starts an attempt that its owner has permitted.</summary>
    public void Start(NodeItem item)
    {
        item.Pool = this;
        var entry = item.Entry;
        var link = (entry.Flags & ClusterTaskFlags.IsLive) == ClusterTaskFlags.None
            ? null
            : new ClusterLink((port, packed) => node.SendLive(item, new LiveMessage(entry.Key, Interlocked.Increment(ref item.LiveSent) - 1, port, packed)));
        item.Link = link;
        try
        {
            if (item.FetchError is { } missing) throw missing;
            var options = new TaskOptions
            {
                Name = entry.Name.Length == 0 ? null : entry.Name,
                Progress = new ProgressSender(node, item),
                Granted = node.Resources.Describe(item),
            };
            var shared = _works.Of(item);
            var call = CallOf(item, link, shared?.Bytes, node.TraceOf(item.Entry));
            Action<WorkerIdentity?, TimeSpan>? started = (entry.Flags & ClusterTaskFlags.ReportsStart) == ClusterTaskFlags.None
                ? null
                : (worker, delay) => node.SendStarted(item, new StartedMessage(entry.Key, worker?.Id ?? 0, worker?.ProcessId ?? 0, delay));
            var task = new NodeTask(_pool, call, entry, options, started) { Shared = shared?.Work };
            _pool.Admit(options);
            bool stops = !items.TrySetTask(item, task);
            task.AddCompletion(item);
            if (_pool.TryAccept(task) is { } refusal) task.EndUnstarted(FutureState.Failed, refusal.SourceException);
            else if (stops) task.Cancel();
        }
        catch (Exception error) when (item.Task is null)
        {
            items.FailStart(item, error); // the pool accepts no work, for example because its workers cannot be started
        }
    }

    /// <summary>Cancels the token of an attempt.</summary>
    public static void Stop(NodeItem item) => item.Task?.Cancel();

    /// <summary>Kills the worker of an attempt.</summary>
    public static void Kill(NodeItem item, string why)
    {
        if (item is not { Task: { } task, Pool: { } pool }) return;
        task.Cancel(); // one that has not started never will
        pool._pool.KillTask(task, why);
    }

    private static ClusterCall CallOf(NodeItem item, ClusterLink? link, SharedBytes? shared, ClusterTrace? trace)
    {
        var entry = item.Entry;
        bool bringsResult = (entry.Flags & ClusterTaskFlags.BringsResult) != ClusterTaskFlags.None;
        return new ClusterCall(item.Message.Owner, entry.Kind, bringsResult, item.Message.DefinitionArray, item.FetchedWork ?? entry.Body.ToArray(), entry.Cultures.ToArray())
        {
            Link = link,
            Shared = shared,
            Trace = trace,
        };
    }

    private sealed class ProgressSender(NodeCore node, NodeItem item) : IProgress<TaskProgress>
    {
        public void Report(TaskProgress value) => node.SendProgress(item, new ProgressMessage(item.Entry.Key, Interlocked.Increment(ref item.ProgressSent) - 1, value));
    }
}
