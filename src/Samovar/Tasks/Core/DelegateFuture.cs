using Samovar.Primitives;

namespace Samovar.Tasks.Core;

/// <summary>The future of a delegate without a result.</summary>
internal sealed class DelegateFuture(ExecutorCore core, Delegate work, DelegateKind kind, TaskOptions? options, long id)
    : Future(core, options, id, kind: kind), IRetryable
{
    private Delegate? _work = work;

    internal override bool IsAsynchronous => Kind >= DelegateKind.Asynchronous;

    private protected override Task? Invoke(int attempt)
    {
        // With a grace period of zero, the attempt may be completed before it gets here.
        if (Volatile.Read(ref _work) is not { } work) return null;
        switch (Kind)
        {
            case DelegateKind.Synchronous:
                ((Action)work)();
                break;
            case DelegateKind.SynchronousWithToken:
                ((Action<CancellationToken>)work)(GetToken());
                break;
            case DelegateKind.Asynchronous:
                return ((Func<Task>)work)() ?? throw NoTask();
            default:
                return ((Func<CancellationToken, Task>)work)(GetToken()) ?? throw NoTask();
        }

        Succeed(attempt);
        return null;
    }

    private protected override void Collect(int attempt, Task work) => Succeed(attempt);

    internal override ShippableWork GetShippable() => new(
        Kind switch
        {
            DelegateKind.Synchronous => ShippableWork.Exact<Action>(_work!),
            DelegateKind.SynchronousWithToken => ShippableWork.Exact<Action<CancellationToken>>(_work!),
            DelegateKind.Asynchronous => ShippableWork.Exact<Func<Task>>(_work!),
            _ => ShippableWork.Exact<Func<CancellationToken, Task>>(_work!),
        },
        Kind, BringsResult: false);

    internal override void Complete(int attempt, ResultSource result) => Succeed(attempt);

    internal override Delegate? MeteredWork => Volatile.Read(ref _work) is { } work ? work.Target is IItemWork item ? item.Work : work : null;

    public RetryableWork? KeepWork()
    {
        if (Volatile.Read(ref _work) is not { } work) return null;
        var called = Kind; // a local, so that the work does not refer to this future
        return new RetryableWork(Options, CapturedData.SizeOf(work), (core, options, id) => new DelegateFuture(core, work, called, options, id));
    }

    private protected override void ReleaseWork() => Volatile.Write(ref _work, null);

    private void Succeed(int attempt)
    {
        if (TryClaimSuccess(attempt)) Finish(FutureState.Succeeded);
    }

    private static InvalidOperationException NoTask() => new("The work returned null where a task was expected.");
}
