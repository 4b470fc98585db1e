using Samovar.Tasks.Core;

namespace Samovar.Executors.Actors;

/// <summary>An actor on a thread of this process: its own, that of an event loop, or that of each caller.</summary>
/// <param name="plan">What the actor is made from.</param>
/// <param name="core">The core of the executor that runs its calls.</param>
/// <param name="turns">Lets callers that run their calls themselves wait for each other; null if the core orders the calls.</param>
internal sealed class LocalActorHost<T>(ActorPlan<T> plan, ExecutorCore core, SemaphoreSlim? turns = null) : ActorHost<T>(plan, core)
    where T : class
{
    private readonly ActorSeat<T> _seat = new(plan);

    protected override Func<Task> Disposal => _seat.DisposeAsync;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            var created = SubmitOwn((Action)_seat.Create, DelegateKind.Synchronous);
            await created.AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            Plan.Life.IsCreated = true;
        }
        catch
        {
            await _seat.AbandonAsync().ConfigureAwait(false);
            throw;
        }
    }

    // A call of the actor's own is refused by the base class, and must not wait for its turn first.
    public override Future Call(Delegate call, DelegateKind kind, TaskOptions? options)
    {
        if (turns is null || RunsThisActor()) return base.Call(call, kind, options);
        turns.Wait(options?.CancellationToken ?? CancellationToken.None);
        try
        {
            return base.Call(call, kind, options);
        }
        finally
        {
            turns.Release();
        }
    }

    public override Future<TResult> Call<TResult>(Delegate call, DelegateKind kind, TaskOptions? options)
    {
        if (turns is null || RunsThisActor()) return base.Call<TResult>(call, kind, options);
        turns.Wait(options?.CancellationToken ?? CancellationToken.None);
        try
        {
            return base.Call<TResult>(call, kind, options);
        }
        finally
        {
            turns.Release();
        }
    }

    // With one call at a time the disposal has its turn after them; otherwise it would start while the last ones run.
    protected override Task LastCallsAsync() =>
        turns is null && Plan.Options.Concurrency == 1 ? Task.CompletedTask : Executor.Core.DrainAsync(CancellationToken.None);

    protected override Delegate Wrap(Delegate call, DelegateKind kind) => new LocalCall<T>(_seat, call).Of(kind);

    protected override Delegate Wrap<TResult>(Delegate call, DelegateKind kind) => new LocalCall<T, TResult>(_seat, call).Of(kind);
}
