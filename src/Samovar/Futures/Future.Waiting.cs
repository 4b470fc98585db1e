using System.ComponentModel;
using System.Runtime.ExceptionServices;

namespace Samovar;

/// <content>Waiting for the end: by <c>await</c>, as a <see cref="Task"/>, or blocking.</content>
public abstract partial class Future
{
    private static readonly TimeSpan s_shortWait = TimeSpan.FromMilliseconds(5); // too short to do something for others meanwhile
    private static readonly Lock s_waits = new(); // over what tasks block for, of all executors: a ring may span several

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
        if (!IsCompleted) NoteOwnWait();
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
        var limit = Durations.RequireTimeout(timeout ?? Timeout.InfiniteTimeSpan, nameof(timeout));
        if (IsCompleted) return true;
        cancellationToken.ThrowIfCancellationRequested();
        if (RunningTask.Current is not { } outer) return BlockUntilCompleted(limit, cancellationToken);

        // A wait with an end of its own comes to it; one without must not be a ring. What blocks beside the task, on a thread
        // that it has started, does not keep the task from ending; only waiting for itself is refused there too.
        bool isEndless = limit == Timeout.InfiniteTimeSpan && !cancellationToken.CanBeCanceled
            && (RunningTask.IsOnThisThread(outer) || ReferenceEquals(outer, this));
        if (isEndless) outer.BeginWaitFor(this);
        try
        {
            return ReferenceEquals(outer._host, _host) && _host.NestedWaits is { } nested
                ? nested.Wait(this, limit, cancellationToken)
                : BlockUntilCompleted(limit, cancellationToken);
        }
        finally
        {
            if (isEndless) outer.EndWaitFor();
        }
    }

    /// <summary>Blocks until the task has ended and gives its error; null when it succeeded.</summary>
    /// <exception cref="TimeoutException">The time was over first; the task is left as it was.</exception>
    public Exception? GetException(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        WaitOrThrow(timeout, cancellationToken);
        return Exception;
    }

    /// <summary>Whether an <c>await</c> can go on at once.</summary>
    /// <exception cref="InvalidOperationException">The task awaits itself.</exception>
    internal bool IsCompletedForAwait
    {
        get
        {
            if (IsCompleted) return true;
            if (ReferenceEquals(RunningTask.Current, this)) throw WaitsForItself([]);
            return false;
        }
    }

    internal void WaitOrThrow(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        if (!Wait(timeout, cancellationToken))
            throw new TimeoutException($"{this} has not ended within {Durations.Text(timeout.GetValueOrDefault())}.");
    }

    /// <summary>Blocks this thread; spins first, as long as <see cref="ThreadSpin"/> thinks it pays.</summary>
    internal bool BlockUntilCompleted(TimeSpan timeout, CancellationToken cancellationToken)
    {
        bool isShort = timeout != Timeout.InfiniteTimeSpan && timeout < s_shortWait;
        if (timeout != TimeSpan.Zero && _host.HelpBlockedCaller(this, isShort)) return true;
        var spin = new ThreadSpin();
        while (spin.TrySpin())
        {
            if (IsCompleted) return true;
        }

        var waiter = new BlockingCompletion();
        if (!TryAddCompletion(waiter)) return true;
        try
        {
            return waiter.Wait(timeout, cancellationToken) || IsCompleted;
        }
        finally
        {
            RemoveCompletion(waiter);
        }
    }

    /// <summary>Notes what this task blocks for, and refuses what would never end.</summary>
    private void BeginWaitFor(Future awaited)
    {
        lock (s_waits)
        {
            var ring = new List<Future>();
            for (var next = awaited; next is not null; next = Volatile.Read(ref next._controls)?.WaitsFor)
            {
                if (ReferenceEquals(next, this)) throw WaitsForItself(ring);
                ring.Add(next);
            }

            EnsureControls().WaitsFor = awaited;
        }
    }

    private void EndWaitFor()
    {
        lock (s_waits) EnsureControls().WaitsFor = null;
    }

    private InvalidOperationException WaitsForItself(List<Future> ring)
    {
        string over = ring.Count == 0 ? "" : $" It would wait for {string.Join(", which waits for ", ring.Select(static task => $"task {task.Id}"))}, which waits for it.";
        return new($"Task {Id}{(Name is null ? "" : $" '{Name}'")} of '{_host.Name}' waits for itself and would never end.{over}");
    }

    /// <summary>Throws if the task did not succeed. Only after its end.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    internal void ThrowIfUnsuccessful() => Failure?.Throw();

    /// <summary>The failure for handing on; null after success. Only after the end.</summary>
    internal ExceptionDispatchInfo? TakeFailure() => Failure;
}
