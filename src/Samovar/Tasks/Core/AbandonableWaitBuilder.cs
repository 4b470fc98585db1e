using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Samovar.Tasks.Core;

/// <summary>Builds the task of a wait that its caller may have abandoned: the error of such a wait (<see cref="AbandonedWait"/>) is marked
/// as observed.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct AbandonableWaitBuilder
{
    private AsyncTaskMethodBuilder _builder;

    public Task Task => _builder.Task;

    public static AbandonableWaitBuilder Create() => default;

    public void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => _builder.Start(ref stateMachine);

    public void SetStateMachine(IAsyncStateMachine stateMachine) => _builder.SetStateMachine(stateMachine);

    public void SetResult() => _builder.SetResult();

    public void SetException(Exception exception)
    {
        _builder.SetException(exception);
        if (AbandonedWait.IsErrorOf(exception)) _ = _builder.Task.Exception;
    }

    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => _builder.AwaitOnCompleted(ref awaiter, ref stateMachine);

    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => _builder.AwaitUnsafeOnCompleted(ref awaiter, ref stateMachine);
}

/// <inheritdoc cref="AbandonableWaitBuilder"/>
/// <typeparam name="T">The result type of the wait.</typeparam>
[StructLayout(LayoutKind.Auto)]
internal struct AbandonableWaitBuilder<T>
{
    private AsyncValueTaskMethodBuilder<T> _builder;

    public ValueTask<T> Task => _builder.Task;

    public static AbandonableWaitBuilder<T> Create() => default;

    public void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => _builder.Start(ref stateMachine);

    public void SetStateMachine(IAsyncStateMachine stateMachine) => _builder.SetStateMachine(stateMachine);

    public void SetResult(T result) => _builder.SetResult(result);

    public void SetException(Exception exception)
    {
        _builder.SetException(exception);
        if (AbandonedWait.IsErrorOf(exception)) _ = _builder.Task.AsTask().Exception;
    }

    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => _builder.AwaitOnCompleted(ref awaiter, ref stateMachine);

    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => _builder.AwaitUnsafeOnCompleted(ref awaiter, ref stateMachine);
}
