using Samovar.Tasks.Completions;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>Represents a submitted task with a result.</summary>
/// <typeparam name="T">The type of the result.</typeparam>
/// <remarks>All members are thread-safe.</remarks>
public abstract class Future<T> : Future
{
    private T _result = default!;

    private protected Future(ExecutorCore core, TaskOptions? options, long id, int attempt = 1, DelegateKind kind = default)
        : base(core, options, id, attempt: attempt, kind: kind)
    {
    }

    /// <summary>Gets the result; blocks until the task has completed. Inside a task of the same executor this does not deadlock: see
    /// <see cref="Future.Wait"/>.</summary>
    /// <exception cref="OperationCanceledException">The task was cancelled.</exception>
    /// <exception cref="System.Exception">The task failed; the exception is the task's own error.</exception>
    public T Result => GetResult();

    /// <summary>Returns the result; blocks until the task has completed or <paramref name="timeout"/> expires.</summary>
    /// <param name="timeout">The maximum time to wait; null (the default) or <see cref="Timeout.InfiniteTimeSpan"/> to wait
    /// indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait; the task itself is not affected.</param>
    /// <returns>The result.</returns>
    /// <exception cref="TimeoutException">The timeout expired first. The task itself is not affected.</exception>
    /// <exception cref="OperationCanceledException">The task or <paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="System.Exception">The task failed; the exception is the task's own error.</exception>
    /// <example>
    /// <code>
    /// Future&lt;string> brewing = executor.Submit(() => "tea");
    /// string drink = brewing.GetResult(timeout: TimeSpan.FromSeconds(30)); // or: await brewing
    /// </code>
    /// </example>
    public T GetResult(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        WaitOrThrow(timeout, cancellationToken);
        ThrowIfUnsuccessful();
        return _result;
    }

    /// <summary>Returns an awaiter for the result. The <c>await</c> throws the task's own error, with the stack trace of where it was
    /// thrown.</summary>
    /// <returns>The awaiter.</returns>
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

    /// <summary>Converts a future to a task that completes as the future does, for code that takes tasks.</summary>
    /// <param name="future">The future; null is converted to null.</param>
    public static implicit operator Task<T>(Future<T> future) => future?.AsTask()!;

    /// <summary>The result, for callers that know that the task has succeeded.</summary>
    internal T ResultUnchecked => _result;

    /// <summary>Completes the attempt with a result, which is dropped if the outcome was already decided.</summary>
    private protected void Succeed(int attempt, T result)
    {
        if (!TryClaimSuccess(attempt)) return;
        _result = result;
        Finish(FutureState.Succeeded);
    }
}
