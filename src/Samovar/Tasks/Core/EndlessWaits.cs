namespace Samovar.Tasks.Core;

/// <summary>What running tasks block for without an end of their own, of all executors. Refuses a wait that would close a ring, which would
/// never end.</summary>
/// <remarks>The gate guards <see cref="Future.BlocksFor"/> of every future: a ring may span several executors. No other lock is taken and
/// nothing else is called under it.</remarks>
internal static class EndlessWaits
{
    private static readonly Lock s_gate = new();

    /// <summary>Blocks a thread that runs a task, or that the task has started, until another task has ended.</summary>
    /// <returns>False when the time was over first.</returns>
    /// <exception cref="InvalidOperationException">The other one waits for the task, if only through others.</exception>
    public static bool Block(Future waiter, Future awaited, TimeSpan timeout, CancellationToken cancellationToken)
    {
        // A wait with an end of its own comes to it; one without must not be a ring. What blocks beside the task, on a thread
        // that it has started, does not keep the task from ending; only waiting for itself is refused there too.
        bool isEndless = timeout == Timeout.InfiniteTimeSpan && !cancellationToken.CanBeCanceled
            && (RunningTask.IsOnThisThread(waiter) || ReferenceEquals(waiter, awaited));
        if (isEndless) Begin(waiter, awaited);
        try
        {
            return ReferenceEquals(waiter.Core, awaited.Core) && awaited.Core.NestedWaits is { } nested
                ? nested.Wait(awaited, timeout, cancellationToken)
                : awaited.BlockUntilCompleted(timeout, cancellationToken);
        }
        finally
        {
            if (isEndless) End(waiter);
        }
    }

    /// <summary>The error for a task that waits for itself.</summary>
    /// <param name="task">The task.</param>
    /// <param name="ring">The tasks over which it would wait, in order; none where it waits at first hand.</param>
    public static InvalidOperationException WaitsForItself(Future task, List<Future> ring)
    {
        string over = ring.Count == 0 ? "" : $" It would wait for {string.Join(", which waits for ", ring.Select(static task => $"task {task.Id}"))}, which waits for it.";
        return new($"Task {task.Id}{(task.Name is null ? "" : $" '{task.Name}'")} of '{task.Core.Name}' waits for itself and would never end.{over}");
    }

    private static void Begin(Future waiter, Future awaited)
    {
        lock (s_gate)
        {
            var ring = new List<Future>();
            for (var next = awaited; next is not null; next = next.BlocksFor)
            {
                if (ReferenceEquals(next, waiter)) throw WaitsForItself(waiter, ring);
                ring.Add(next);
            }

            waiter.BlocksFor = awaited;
        }
    }

    private static void End(Future waiter)
    {
        lock (s_gate) waiter.BlocksFor = null;
    }
}
