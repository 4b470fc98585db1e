using System.Diagnostics;
using Samovar.Cluster.Protocol;
using Samovar.Cluster.Worker;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Cluster.Node;

/// <summary>An attempt of a task of the cluster, as a task of the node's process pool. It has the number, the name and the attempt that its owner gave it,
/// so that the work sees them. Its result stays serialized.</summary>
internal sealed class NodeTask(ExecutorCore pool, ClusterCall call, TaskEntry entry, TaskOptions options, Action<WorkerIdentity?, TimeSpan>? started)
    : Future(pool, options, entry.Key.Id, attempt: entry.Key.Attempt, kind: entry.Kind)
{
    private ClusterCall? _call = call;

    /// <summary>The payload that the worker returned. Valid after success.</summary>
    public byte[] Payload { get; private set; } = [];

    /// <summary>How long the work ran. Valid after success.</summary>
    public TimeSpan Elapsed { get; private set; }

    internal override bool IsAsynchronous => Kind >= DelegateKind.Asynchronous;

    /// <summary>The work that the task shares with others, as the pool stores it; null if it shares none.</summary>
    public ExecutorSharedWork? Shared { get; init; }

    internal override Activity? SubmittedUnder => null; // the call has that of the owner

    internal override CulturePair? SubmittedCultures => null; // the call has those of the owner

    internal override bool ReportsStart => started is not null;

    internal override Delegate? MeteredWork => null;

    internal override ShippableWork GetShippable() =>
        new((Volatile.Read(ref _call) ?? throw new InvalidOperationException($"Task {Id} has completed.")).Delegate, Kind, BringsResult: true, Shared);

    internal override void Complete(int attempt, ResultSource result)
    {
        byte[] payload = result.Read<byte[]>(Core.Meter);
        if (!TryClaimSuccess(attempt)) return;
        Payload = payload;
        Elapsed = result.Elapsed;
        Finish(FutureState.Succeeded);
    }

    private protected override void OnStartedRemotely() =>
        started?.Invoke(Worker, Core.Time.GetElapsedTime(SubmittedTimestamp, Math.Max(SubmittedTimestamp, StartedTimestamp)));

    private protected override Task? Invoke(int attempt) => throw NotHere();

    private protected override void Collect(int attempt, Task work) => throw NotHere();

    private protected override void ReleaseWork() => Volatile.Write(ref _call, null);

    private static InvalidOperationException NotHere() => new("The work of a cluster runs only in worker processes.");
}
