using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Executors.Actors;

/// <summary>A call without a result of an actor in this process.</summary>
internal sealed class LocalCall<T>(ActorSeat<T> seat, Delegate call) : IItemWork
    where T : class
{
    Delegate IItemWork.Work => call;

    int IItemWork.Count => 1;

    object? IItemWork.First => null;

    /// <summary>Returns the delegate that makes the call.</summary>
    public Delegate Of(DelegateKind kind) => kind switch
    {
        DelegateKind.Synchronous => (Action)Run,
        DelegateKind.SynchronousWithToken => (Action<CancellationToken>)Run,
        DelegateKind.Asynchronous => (Func<Task>)RunAsync,
        _ => (Func<CancellationToken, Task>)RunAsync,
    };

    private void Run()
    {
        var task = RunningTask.Current!;
        var instance = seat.Enter(task);
        try
        {
            ((Action<T>)call)(instance);
        }
        finally
        {
            seat.Leave(task);
        }
    }

    private void Run(CancellationToken token)
    {
        var task = RunningTask.Current!;
        var instance = seat.Enter(task);
        try
        {
            ((Action<T, CancellationToken>)call)(instance, token);
        }
        finally
        {
            seat.Leave(task);
        }
    }

    private async Task RunAsync()
    {
        var task = RunningTask.Current!;
        var instance = seat.Enter(task);
        try
        {
            await ((Func<T, Task>)call)(instance).ConfigureAwait(true);
        }
        finally
        {
            seat.Leave(task);
        }
    }

    private async Task RunAsync(CancellationToken token)
    {
        var task = RunningTask.Current!;
        var instance = seat.Enter(task);
        try
        {
            await ((Func<T, CancellationToken, Task>)call)(instance, token).ConfigureAwait(true);
        }
        finally
        {
            seat.Leave(task);
        }
    }
}

/// <summary>A call with a result of an actor in this process.</summary>
internal sealed class LocalCall<T, TResult>(ActorSeat<T> seat, Delegate call) : IItemWork
    where T : class
{
    Delegate IItemWork.Work => call;

    int IItemWork.Count => 1;

    object? IItemWork.First => null;

    /// <inheritdoc cref="LocalCall{T}.Of"/>
    public Delegate Of(DelegateKind kind) => kind switch
    {
        DelegateKind.Synchronous => (Func<TResult>)Run,
        DelegateKind.SynchronousWithToken => (Func<CancellationToken, TResult>)Run,
        DelegateKind.Asynchronous => (Func<Task<TResult>>)RunAsync,
        _ => (Func<CancellationToken, Task<TResult>>)RunAsync,
    };

    private TResult Run()
    {
        var task = RunningTask.Current!;
        var instance = seat.Enter(task);
        try
        {
            return ((Func<T, TResult>)call)(instance);
        }
        finally
        {
            seat.Leave(task);
        }
    }

    private TResult Run(CancellationToken token)
    {
        var task = RunningTask.Current!;
        var instance = seat.Enter(task);
        try
        {
            return ((Func<T, CancellationToken, TResult>)call)(instance, token);
        }
        finally
        {
            seat.Leave(task);
        }
    }

    private async Task<TResult> RunAsync()
    {
        var task = RunningTask.Current!;
        var instance = seat.Enter(task);
        try
        {
            return await ((Func<T, Task<TResult>>)call)(instance).ConfigureAwait(true);
        }
        finally
        {
            seat.Leave(task);
        }
    }

    private async Task<TResult> RunAsync(CancellationToken token)
    {
        var task = RunningTask.Current!;
        var instance = seat.Enter(task);
        try
        {
            return await ((Func<T, CancellationToken, Task<TResult>>)call)(instance, token).ConfigureAwait(true);
        }
        finally
        {
            seat.Leave(task);
        }
    }
}
