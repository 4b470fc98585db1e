using Samovar.Cluster.Protocol;
using Samovar.Executors.Actors;

namespace Samovar.Cluster.Owner;

/// <content>Actors of the executor, each of which has a core of its own.</content>
internal sealed partial class ClusterCore
{
    /// <summary>The actor whose calls this core runs; null if it runs tasks.</summary>
    public OwnerActor? Actor { get; }

    /// <summary>Prepares a core for an actor: another owner in the same cluster.</summary>
    public ClusterActorHost<T> HostActor<T>(ActorPlan<T> plan)
        where T : class
    {
        var options = _options with
        {
            Name = plan.FullName,
            QueueCapacity = plan.Options.QueueCapacity,
            QueueFullMode = plan.Options.QueueFullMode,
            ExpectedWorkers = 1,
        };
        return new ClusterActorHost<T>(plan, RemoteActor<T>.NewKey(), new ClusterCore(_transport, options, [], plan.FullName, _program, plan.Life));
    }

    /// <summary>Returns the message with a call; null if the call has completed.</summary>
    public TasksMessage? ComposeCall(ClusterTask call) => Volatile.Read(ref _sender) is not null && call.CreateEntry() is { } entry // SYNC: cluster sender
        ? new TasksMessage(Id, Build, _address, Definitions(call.DefinitionsNeeded), [], [entry])
        : null;
}
