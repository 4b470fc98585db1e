using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Samovar.Cluster.Protocol;
using Samovar.Primitives;

namespace Samovar.Cluster.Node;

/// <summary>The actors that live on the node. Each is an owner of its own, and has one worker, in addition to those for tasks. Thread-safe.</summary>
/// <remarks>
/// <list type="number">
/// <item>The task that creates an instance is claimed as any other, and then runs in the worker of the actor.</item>
/// <item>The calls arrive one at a time, without a claim: the owner has started them. A message that arrives again is dropped.</item>
/// <item>An actor ends with its worker, with its owner, and with this node. A later call of it is answered with <see cref="ResultStatus.Unhosted"/>.</item>
/// </list>
/// The gate guards the collections; pools are used outside of it.
/// </remarks>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class NodeActors(NodeCore node, NodeItems items, NodePrograms programs)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, NodeActor> _actors = []; // gate; by owner
    private readonly Dictionary<NodePool, Task> _closing = []; // gate: the shutdowns of pools
    private bool _isClosed; // gate

    /// <summary>Creates an instance in a worker of its own. Returns false if the node has left.</summary>
    public bool TryBegin(NodeItem creation)
    {
        if (programs.CreateActor(creation) is not { } actor) return false;
        NodeActor? former;
        bool isClosed;
        lock (_gate)
        {
            isClosed = _isClosed;
            _actors.Remove(actor.Owner, out former);
            if (!isClosed) _actors.Add(actor.Owner, actor);
        }

        if (former is not null) Close(former, kills: true); // its owner has given it up
        if (isClosed) Close(actor, kills: true); // it refuses the attempt
        Start(creation, actor);
        return true;
    }

    /// <summary>Runs a call.</summary>
    public void Call(Guid sender, ActorCallMessage message)
    {
        if (message.Tasks.Owner != sender) throw new MessageFormatException("A call of an actor comes from its owner.");
        NodeActor? actor;
        lock (_gate)
        {
            if (_actors.TryGetValue(sender, out actor) && actor.Creation == message.Creation)
            {
                if (message.Number <= actor.LastCall) return; // received before
                actor.LastCall = message.Number;
            }
            else
            {
                actor = null;
            }
        }

        var item = new NodeItem(items, message.Tasks, message.Tasks.Tasks[0], TaskPriority.Normal) { IsCall = true, State = NodeItemState.Running };
        if (actor is not null && items.TryAddCall(item)) _ = FetchAndStartAsync(item, actor);
        else node.Report(item, NodeResult.OfUnhosted(item, Absence(actor)));
    }

    /// <summary>Called when an attempt that an actor ran has an outcome.</summary>
    public void Completed(NodeItem item, ResultStatus status)
    {
        if (item.Actor is { } actor && (item.IsCall ? status is ResultStatus.Crashed or ResultStatus.Unhosted : status != ResultStatus.Succeeded)) End(actor, kills: true);
    }

    /// <summary>Ends the actors of owners that do not exist any more. A call that runs completes, or is stopped as any task of such an owner.</summary>
    public void End(Func<NodeActor, bool> isOfOwner)
    {
        List<NodeActor> ended;
        lock (_gate) ended = [.. _actors.Values.Where(isOfOwner)];
        foreach (var actor in ended) End(actor, kills: false);
    }

    /// <summary>Ends an actor that its owner does not want any more.</summary>
    public void Kill(Guid owner, TaskKey creation)
    {
        NodeActor? actor;
        lock (_gate) actor = _actors.GetValueOrDefault(owner);
        if (actor?.Creation == creation) End(actor, kills: true);
    }

    /// <summary>Reports to owners that their actors live here, and ends those whose owners are lost.</summary>
    public void Repeat()
    {
        List<NodeActor> actors;
        lock (_gate) actors = [.. _actors.Values];
        foreach (var actor in actors)
        {
            if (node.IsLost(actor.Owner)) End(actor, kills: true);
            else node.SendRunning(actor.Address, [(actor.Creation, 0)]);
        }
    }

    /// <summary>Kills the workers.</summary>
    public async Task ShutdownAsync()
    {
        List<NodePool> pools;
        lock (_gate)
        {
            _isClosed = true;
            pools = [.. _actors.Values.Select(static actor => actor.Pool), .. _closing.Keys];
            _actors.Clear();
        }

        await Task.WhenAll(pools.ConvertAll(static pool => pool.ShutdownAsync())).ConfigureAwait(false);
    }

    private static void Start(NodeItem item, NodeActor actor)
    {
        item.Actor = actor;
        actor.Pool.Rent();
        actor.Pool.Start(item);
    }

    private async Task FetchAndStartAsync(NodeItem item, NodeActor actor)
    {
        if (item.Entry.Blob is not null) await node.Blobs.FetchCallAsync(item).ConfigureAwait(false);
        Start(item, actor);
    }

    private NodeLostException Absence(NodeActor? actor) => new(node.Name, actor is null
        ? $"The actor does not live on node '{node.Name}' any more: its worker process has exited, or the node has not received anything from its owner for too long."
        : $"Node '{node.Name}', on which the actor lived, leaves the cluster.");

    private void End(NodeActor actor, bool kills)
    {
        lock (_gate)
        {
            if (!_actors.TryGetValue(actor.Owner, out var current) || current != actor) return;
            _actors.Remove(actor.Owner);
        }

        Close(actor, kills);
    }

    private void Close(NodeActor actor, bool kills)
    {
        var closing = kills ? actor.Pool.ShutdownAsync() : actor.Pool.CloseAsync();
        lock (_gate)
        {
            foreach (var (pool, _) in _closing.Where(static entry => entry.Value.IsCompleted).ToList()) _closing.Remove(pool);
            _closing[actor.Pool] = closing;
            CheckInvariantsLocked();
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked() => Debug.Assert(_actors.Values.All(actor => !_closing.ContainsKey(actor.Pool)), "the pool of an actor is open");
}
