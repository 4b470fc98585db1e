using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Samovar.Executors.Actors;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Processes.Parent;

/// <summary>An actor in a worker process of its own.</summary>
/// <remarks>The worker's initializer creates the instance. So a worker that replaces a dead one has another instance before it runs the calls that had not
/// started.</remarks>
/// <param name="plan">What the actor is made from.</param>
/// <param name="key">What the instance is found by in the worker.</param>
/// <param name="pool">The pool with the worker.</param>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class ProcessActorHost<T>(ActorPlan<T> plan, long key, ProcessPool pool) : ActorHost<T>(plan, pool)
    where T : class
{
    public override long Key => key;

    protected override Func<Task> Disposal => new RemoteActorEnd(key).RunAsync;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await pool.StartWorkersAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (WorkerInitializationException error) when (error.InnerException is { } own)
        {
            ExceptionDispatchInfo.Throw(own); // the factory's own error, or that of the executor's initializer
        }

        Plan.Life.IsCreated = true;
    }

    protected override Delegate Wrap(Delegate call, DelegateKind kind) => new RemoteCall<T>(key, call).Of(kind);

    protected override Delegate Wrap<TResult>(Delegate call, DelegateKind kind) => new RemoteCall<T, TResult>(key, call).Of(kind);
}
