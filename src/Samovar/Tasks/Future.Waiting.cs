using System.ComponentModel;
using Samovar.Primitives;
using Samovar.Tasks.Completions;
using Samovar.Tasks.Core;

namespace Samovar;

/// <content>Waiting for completion: by <c>await</c>, as a <see cref="Task"/>, or blocking.</content>
public abstract partial class Future
{
    /// <summary>Returns an awaiter for this future. The <c>await</c> throws the task's own error, with the stack trace of where it was
    /// thrown.</summary>
    /// <returns>The awaiter.</returns>
    public FutureAwaiter GetAwaiter() => new(this, captureContext: true);

    /// <summary>Configures where an <c>await</c> of this future continues.</summary>
    /// <param name="continueOnCapturedContext">true (the default of an <c>await</c>) to continue in the current synchronization context;
    /// false to continue on the thread pool.</param>
    /// <returns>An object that can be awaited.</returns>
    public ConfiguredFuture ConfigureAwait(bool continueOnCapturedContext) => new(this, continueOnCapturedContext);

    /// <summary>Returns a <see cref="Task"/> that completes as this future does. Each call creates a new task.</summary>
    /// <returns>The task.</returns>
    public Task AsTask()
    {
        var completion = new TaskCompletion<bool>(this);
        AddCompletion(completion);
        if (!IsCompleted) NestedWait.Note(this);
        return completion.Task;
    }

    /// <summary>Blocks until the task has completed, with any outcome. Does not throw the task's error.</summary>
    /// <param name="timeout">The maximum time to wait; null (the default) or <see cref="Timeout.InfiniteTimeSpan"/> to wait
    /// indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait; the task itself is not affected.</param>
    /// <returns>true if the task has completed; false if the timeout expired first. The task itself is not affected.</returns>
    /// <remarks>A task that waits for another task of its own executor does not deadlock. Worker threads run the awaited task themselves if it
    /// has not started, and otherwise let another thread take their place while they wait. On the thread of an event loop, a wait for a
    /// task of that loop that has already started throws.</remarks>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is negative and not infinite.</exception>
    /// <exception cref="InvalidOperationException">The calling task would wait for itself, directly or through other tasks, or for a task
    /// that only the blocked thread can complete.</exception>
    public bool Wait(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var limit = TimeoutArguments.RequireTimeout(timeout ?? Timeout.InfiniteTimeSpan, nameof(timeout));
        if (IsCompleted) return true;
        cancellationToken.ThrowIfCancellationRequested();
        return RunningTask.Current is { } outer ? EndlessWaits.Block(outer, this, limit, cancellationToken) : BlockUntilCompleted(limit, cancellationToken);
    }

    /// <summary>Blocks until the task has completed and returns its error.</summary>
    /// <param name="timeout">The maximum time to wait; null (the default) or <see cref="Timeout.InfiniteTimeSpan"/> to wait
    /// indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait; the task itself is not affected.</param>
    /// <returns>The error, as in <see cref="Exception"/>; null if the task succeeded.</returns>
    /// <exception cref="TimeoutException">The timeout expired first. The task itself is not affected.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Exception? GetException(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        WaitOrThrow(timeout, cancellationToken);
        return Exception;
    }

    internal void WaitOrThrow(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        if (!Wait(timeout, cancellationToken))
            throw new TimeoutException($"{this} has not completed within {TimeoutArguments.Text(timeout.GetValueOrDefault())}.");
    }

    /// <inheritdoc cref="BlockingCompletion.Block"/>
    internal bool BlockUntilCompleted(TimeSpan timeout, CancellationToken cancellationToken) => BlockingCompletion.Block(this, timeout, cancellationToken);

    /// <summary>The task for which this running task blocks without a limit. Guarded by <see cref="EndlessWaits"/>.</summary>
    internal Future? BlocksFor
    {
        get => Volatile.Read(ref _controls)?.BlocksFor;
        set => EnsureControls().BlocksFor = value;
    }

    /// <summary>Throws the error of a task that did not succeed. Call only after completion.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    internal void ThrowIfUnsuccessful() => Failure?.Throw();
}
