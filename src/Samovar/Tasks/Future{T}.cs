using Samovar.Tasks.Completions;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>One submitted task that brings a result.</summary>
/// <typeparam name="T">The type of the result.</typeparam>
/// <remarks>All members are thread-safe.</remarks>
public abstract class Future<T> : Future
{
    private T _result = default!;

    private protected Future(ExecutorCore core, TaskOptions? options, long id, int attempt = 1)
        : base(core, options, id, attempt: attempt)
    {
    }

    /// <summary>The result; blocks until the task has ended. Inside a task of the same executor it helps rather than deadlocks:
    /// see <see cref="Future.Wait"/>.</summary>
    /// <exception cref="OperationCanceledException">The task was cancelled.</exception>
    /// <exception cref="System.Exception">The task failed: its own error.</exception>
    public T Result => GetResult();

    /// <summary>The result, waiting no longer than <paramref name="timeout"/>.</summary>
    /// <param name="timeout">How long to wait; null for as long as it takes.</param>
    /// <param name="cancellationToken">Gives up waiting; the task itself is not touched.</param>
    /// <exception cref="TimeoutException">The time was over first; the task is left as it was.</exception>
    public T GetResult(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        WaitOrThrow(timeout, cancellationToken);
        ThrowIfUnsuccessful();
        return _result;
    }

    /// <summary>Awaits the result. Throws the task's own error, with the stack trace of where it ran.</summary>
    public new FutureAwaiter<T> GetAwaiter() => new(this, captureContext: true);

    /// <inheritdoc cref="Future.ConfigureAwait"/>
    public new ConfiguredFuture<T> ConfigureAwait(bool continueOnCapturedContext) => new(this, continueOnCapturedContext);

    /// <inheritdoc cref="Future.AsTask"/>
    public new Task<T> AsTask()
    {
        var completion = new TaskCompletion<T>(this);
        AddCompletion(completion);
        if (!IsCompleted) NestedWait.Note(this);
        return completion.Task;
    }

    /// <inheritdoc cref="Future.OnCompleted"/>
    public void OnCompleted(Action<Future<T>> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        OnCompleted((Future future) => callback((Future<T>)future));
    }

    /// <summary>A task that ends as the future does, for code that takes tasks.</summary>
    /// <param name="future">The future; null gives null.</param>
    public static implicit operator Task<T>(Future<T> future) => future?.AsTask()!;

    /// <summary>The result, for callers who know that the task has succeeded.</summary>
    internal T ResultUnchecked => _result;

    /// <summary>Ends the attempt with a result; dropped when its outcome had been decided before.</summary>
    private protected void Succeed(int attempt, T result)
    {
        if (!TryClaimSuccess(attempt)) return;
        _result = result;
        Finish(FutureState.Succeeded);
    }
}
