using System.Diagnostics.CodeAnalysis;
using Samovar.Executors.Actors;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Cluster.Owner;

/// <summary>An actor in a worker process of a node.</summary>
/// <remarks>It is an owner of its own in the cluster, so that its node kills it as it cancels what runs for an owner: when the owner has shut down, and when it
/// is silent for too long.</remarks>
/// <param name="plan">What the actor is made from.</param>
/// <param name="key">What the instance is found by in the worker.</param>
/// <param name="core">The core that runs its calls.</param>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class ClusterActorHost<T>(ActorPlan<T> plan, long key, ClusterCore core) : ActorHost<T>(plan, core)
    where T : class
{
    private readonly RemoteActor<T> _beginning = new(key, plan.Name, plan.Owner.Name, plan.Factory, initializer: null); // that of the node's workers runs before

    public override long Key => key;

    protected override Func<Task> Disposal => new RemoteActorEnd(key).RunAsync;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        core.Actor!.Create = Create;
        await Create().AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        Plan.Life.IsCreated = true;
    }

    protected override Delegate Wrap(Delegate call, DelegateKind kind) => new RemoteCall<T>(key, call).Of(kind);

    protected override Delegate Wrap<TResult>(Delegate call, DelegateKind kind) => new RemoteCall<T, TResult>(key, call).Of(kind);

    private Future Create() => SubmitOwn((Action)_beginning.Begin, DelegateKind.Synchronous);
}
