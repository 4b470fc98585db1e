namespace Samovar.Tasks.Core;

/// <summary>The waits of running tasks, of all executors, that block without a limit. Refuses a wait that would close a cycle, because it
/// would never return.</summary>
/// <remarks>The gate guards <see cref="Future.BlocksFor"/> of every future: a cycle may span several executors. No other lock is taken and
/// no other code is called under it.</remarks>
internal static class EndlessWaits
{
    private static readonly Lock s_gate = new();

    /// <summary>Blocks a thread that runs a task, or that the task has started, until another task has completed.</summary>
    /// <returns>false if the timeout expired first.</returns>
    /// <exception cref="InvalidOperationException">The awaited task waits for the calling task, directly or through others.</exception>
    public static bool Block(Future waiter, Future awaited, TimeSpan timeout, CancellationToken cancellationToken)
    {
        // A wait with a limit returns in any case; one without must not be part of a cycle. A block on another thread that the task has
        // started does not keep the task itself from completing, so there only a wait for itself is refused.
        bool isEndless = timeout == Timeout.InfiniteTimeSpan && !cancellationToken.CanBeCanceled
            && (RunningTask.IsOnThisThread(waiter) || ReferenceEquals(waiter, awaited));
        if (isEndless && awaited.Controls?.Grant is { CurrentPhase: ResourceGrant.Phase.Waiting } request) request.Ledger.RefuseHolder(request.Request.Amounts, waiter);
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

    /// <summary>Creates the error for a task that waits for itself.</summary>
    /// <param name="task">The task.</param>
    /// <param name="ring">The other tasks of the cycle, in order; empty if the task waits for itself directly.</param>
    public static InvalidOperationException WaitsForItself(Future task, List<Future> ring)
    {
        string over = ring.Count == 0 ? "" : $" The cycle: it would wait for {string.Join(", which waits for ", ring.Select(static task => $"task {task.Id}"))}, which waits for it.";
        return new($"Task {task.Id}{(task.Name is null ? "" : $" '{task.Name}'")} of '{task.Core.Name}' waits for itself, which would deadlock.{over}");
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
