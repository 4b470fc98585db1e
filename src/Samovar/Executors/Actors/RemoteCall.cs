using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Executors.Actors;

/// <summary>A call without a result of an actor in a worker process, as it is sent there.</summary>
internal sealed class RemoteCall<T>(long actor, Delegate call) : IItemWork
    where T : class
{
    Delegate IItemWork.Work => call;

    int IItemWork.Count => 1;

    object? IItemWork.First => null;

    /// <summary>Returns the delegate that makes the call in the worker.</summary>
    public Delegate Of(DelegateKind kind) => kind switch
    {
        DelegateKind.Synchronous => (Action)Run,
        DelegateKind.SynchronousWithToken => (Action<CancellationToken>)Run,
        DelegateKind.Asynchronous => (Func<Task>)RunAsync,
        _ => (Func<CancellationToken, Task>)RunAsync,
    };

    private void Run() => ((Action<T>)call)(ActorInstances.Get<T>(actor));

    private void Run(CancellationToken token) => ((Action<T, CancellationToken>)call)(ActorInstances.Get<T>(actor), token);

    private Task RunAsync() => ((Func<T, Task>)call)(ActorInstances.Get<T>(actor));

    private Task RunAsync(CancellationToken token) => ((Func<T, CancellationToken, Task>)call)(ActorInstances.Get<T>(actor), token);
}

/// <summary>A call with a result of an actor in a worker process, as it is sent there.</summary>
internal sealed class RemoteCall<T, TResult>(long actor, Delegate call) : IItemWork
    where T : class
{
    Delegate IItemWork.Work => call;

    int IItemWork.Count => 1;

    object? IItemWork.First => null;

    /// <inheritdoc cref="RemoteCall{T}.Of"/>
    public Delegate Of(DelegateKind kind) => kind switch
    {
        DelegateKind.Synchronous => (Func<TResult>)Run,
        DelegateKind.SynchronousWithToken => (Func<CancellationToken, TResult>)Run,
        DelegateKind.Asynchronous => (Func<Task<TResult>>)RunAsync,
        _ => (Func<CancellationToken, Task<TResult>>)RunAsync,
    };

    private TResult Run() => ((Func<T, TResult>)call)(ActorInstances.Get<T>(actor));

    private TResult Run(CancellationToken token) => ((Func<T, CancellationToken, TResult>)call)(ActorInstances.Get<T>(actor), token);

    private Task<TResult> RunAsync() => ((Func<T, Task<TResult>>)call)(ActorInstances.Get<T>(actor));

    private Task<TResult> RunAsync(CancellationToken token) => ((Func<T, CancellationToken, Task<TResult>>)call)(ActorInstances.Get<T>(actor), token);
}
