using Samovar.Primitives;

namespace Samovar.Tasks.Core;

/// <summary>The future of a delegate with a result.</summary>
internal sealed class DelegateFuture<T>(ExecutorCore core, Delegate work, DelegateKind kind, TaskOptions? options, long id)
    : Future<T>(core, options, id, kind: kind), IRetryable
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
                Succeed(attempt, ((Func<T>)work)());
                return null;
            case DelegateKind.SynchronousWithToken:
                Succeed(attempt, ((Func<CancellationToken, T>)work)(GetToken()));
                return null;
            case DelegateKind.Asynchronous:
                return ((Func<Task<T>>)work)() ?? throw NoTask();
            default:
                return ((Func<CancellationToken, Task<T>>)work)(GetToken()) ?? throw NoTask();
        }
    }

    private protected override void Collect(int attempt, Task work) => Succeed(attempt, ((Task<T>)work).GetAwaiter().GetResult());

    internal override ShippableWork GetShippable() => new(
        Kind switch
        {
            DelegateKind.Synchronous => ShippableWork.Exact<Func<T>>(_work!),
            DelegateKind.SynchronousWithToken => ShippableWork.Exact<Func<CancellationToken, T>>(_work!),
            DelegateKind.Asynchronous => ShippableWork.Exact<Func<Task<T>>>(_work!),
            _ => ShippableWork.Exact<Func<CancellationToken, Task<T>>>(_work!),
        },
        Kind, BringsResult: true);

    internal override void Complete(int attempt, ResultSource result) => Succeed(attempt, result.Read<T>(Core.Meter));

    internal override Delegate? MeteredWork => Volatile.Read(ref _work) is { } work ? work.Target is IItemWork item ? item.Work : work : null;

    public RetryableWork? KeepWork()
    {
        if (Volatile.Read(ref _work) is not { } work) return null;
        var called = Kind; // a local, so that the work does not refer to this future
        return new RetryableWork(Options, CapturedData.SizeOf(work), (core, options, id) => new DelegateFuture<T>(core, work, called, options, id));
    }

    private protected override void ReleaseWork() => Volatile.Write(ref _work, null);

    private static InvalidOperationException NoTask() => new("The work returned null where a task was expected.");
}
