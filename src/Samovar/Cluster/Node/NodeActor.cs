using System.Diagnostics.CodeAnalysis;
using Samovar.Cluster.Protocol;
using Samovar.Executors.Actors;
using Samovar.Primitives;

namespace Samovar.Cluster.Node;

/// <summary>An actor that lives on this node, in a pool with one worker.</summary>
/// <param name="creation">The attempt that creates the instance.</param>
/// <param name="pool">The pool.</param>
/// <param name="life">Becomes lost with the worker; the owner decides about a restart.</param>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class NodeActor(NodeItem creation, NodePool pool, ActorLife life)
{
    public Guid Owner { get; } = creation.Message.Owner;

    /// <summary>The address of the owner's reply box.</summary>
    public string Address { get; } = creation.Message.Address;

    public TaskKey Creation { get; } = creation.Entry.Key;

    public NodePool Pool => pool;

    /// <summary>Why the worker is gone; null while it lives.</summary>
    public Exception? LostBy => life.LostBy;

    /// <summary>The <see cref="ActorCallMessage.Number"/> of the latest call. The gate of the <see cref="NodeActors"/> guards it.</summary>
    public long LastCall { get; set; }
}
