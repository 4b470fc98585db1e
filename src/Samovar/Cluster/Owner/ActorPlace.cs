using Samovar.Cluster.Protocol;

namespace Samovar.Cluster.Owner;

/// <summary>Where the instance of an actor lives.</summary>
/// <param name="node">Identifies the node.</param>
/// <param name="name">The name of the node.</param>
/// <param name="creation">The task that has created the instance.</param>
internal sealed class ActorPlace(Guid node, string name, TaskKey creation)
{
    public Guid Node => node;

    public string Name => name;

    public TaskKey Creation => creation;

    /// <summary>The <see cref="ActorCallMessage.Number"/> of the latest call. The gate of the <see cref="OwnerTasks"/> guards it.</summary>
    public long LastCall { get; set; }
}
