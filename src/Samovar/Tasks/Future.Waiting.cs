using System.ComponentModel;
using Samovar.Primitives;
using Samovar.Tasks.Completions;
using Samovar.Tasks.Core;

namespace Samovar;

/// <content>Waiting for the end: by <c>await</c>, as a <see cref="Task"/>, or blocking.</content>
public abstract partial class Future
{
    /// <summary>Awaits the end. Throws the task's own error, with the stack trace of where it ran.</summary>
    public FutureAwaiter GetAwaiter() => new(this, captureContext: true);

    /// <summary>Chooses whether the <c>await</c> continues in the current synchronization context (true, the default) or on the
    /// thread pool.</summary>
    public ConfiguredFuture ConfigureAwait(bool continueOnCapturedContext) => new(this, continueOnCapturedContext);

    /// <summary>A <see cref="Task"/> that ends as this future does; each call makes a new one.</summary>
    public Task AsTask()
    {
        var completion = new TaskCompletion<bool>(this);
        AddCompletion(completion);
        if (!IsCompleted) NestedWait.Note(this);
        return completion.Task;
    }

    /// <summary>Blocks until the task has ended, in whatever way; throws nothing of the task's.</summary>
    /// <param name="timeout">How long to wait; null or <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes.</param>
    /// <param name="cancellationToken">Gives up waiting; the task itself is not touched.</param>
    /// <returns>False when the time was over first; the task is left as it was.</returns>
    /// <exception cref="OperationCanceledException">The token tripped.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative timeout.</exception>
    public bool Wait(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var limit = TimeoutArguments.RequireTimeout(timeout ?? Timeout.InfiniteTimeSpan, nameof(timeout));
        if (IsCompleted) return true;
        cancellationToken.ThrowIfCancellationRequested();
        return RunningTask.Current is { } outer ? EndlessWaits.Block(outer, this, limit, cancellationToken) : BlockUntilCompleted(limit, cancellationToken);
    }

    /// <summary>Blocks until the task has ended and gives its error; null when it succeeded.</summary>
    /// <exception cref="TimeoutException">The time was over first; the task is left as it was.</exception>
    public Exception? GetException(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        WaitOrThrow(timeout, cancellationToken);
        return Exception;
    }

    internal void WaitOrThrow(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        if (!Wait(timeout, cancellationToken))
            throw new TimeoutException($"{this} has not ended within {TimeoutArguments.Text(timeout.GetValueOrDefault())}.");
    }

    /// <inheritdoc cref="BlockingCompletion.Block"/>
    internal bool BlockUntilCompleted(TimeSpan timeout, CancellationToken cancellationToken) => BlockingCompletion.Block(this, timeout, cancellationToken);

    /// <summary>What this running task blocks for without an end of its own. Guarded by <see cref="EndlessWaits"/>.</summary>
    internal Future? BlocksFor
    {
        get => Volatile.Read(ref _controls)?.BlocksFor;
        set => EnsureControls().BlocksFor = value;
    }

    /// <summary>Throws if the task did not succeed. Only after its end.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    internal void ThrowIfUnsuccessful() => Failure?.Throw();
}
