using System.Runtime.ExceptionServices;
using Samovar.Cluster.Protocol;
using Samovar.Serialization.Wire;
using Samovar.Tasks.Core;

namespace Samovar.Cluster.Owner;

/// <summary>A serialized delegate that many tasks call. It travels once in each message of such tasks, and each worker reads it once.</summary>
internal sealed class ClusterSharedWork : ExecutorSharedWork
{
    private readonly ExceptionDispatchInfo? _refusal;

    public ClusterSharedWork(SharedBody body, int definitionsNeeded, IdentityTable known)
    {
        Body = body;
        DefinitionsNeeded = definitionsNeeded;
        Known = known;
    }

    /// <summary>Initializes work that cannot be serialized: each task that uses it fails with this error.</summary>
    public ClusterSharedWork(Exception refusal)
    {
        Body = new SharedBody(0, RefersToAll: false, default);
        _refusal = ExceptionDispatchInfo.Capture(refusal);
    }

    public SharedBody Body { get; }

    public int DefinitionsNeeded { get; }

    /// <summary>The objects to which the messages of the tasks refer.</summary>
    public IdentityTable? Known { get; }

    public void ThrowIfRefused() => _refusal?.Throw();

    public override void Release()
    {
        // Nothing is held outside of this object.
    }
}
