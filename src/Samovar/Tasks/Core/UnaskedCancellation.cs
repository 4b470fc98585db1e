namespace Samovar.Tasks.Core;

/// <summary>Keeps the rule that canceled means asked for where a method returns a task: an <see cref="OperationCanceledException"/> that nobody asked
/// for fails the task. (The compiler's own tasks end canceled by any.)</summary>
internal static class UnaskedCancellation
{
    /// <summary>A task that ends as <paramref name="work"/> does, except that a cancellation counts as one only where it was asked for.</summary>
    /// <param name="work">The work.</param>
    /// <param name="state">Given to <paramref name="wasAskedFor"/>.</param>
    /// <param name="wasAskedFor">After a cancellation: whether it was asked for.</param>
    public static Task FailsIn<TState>(Task work, TState state, Func<TState, bool> wasAskedFor)
    {
        if (work.IsCompletedSuccessfully) return work;
        var end = new TaskCompletionSource(work); // the task tree finds the work by it
        OnEnd(work, () =>
        {
            if (UnaskedError(work, state, wasAskedFor) is { } error) end.SetException(error);
            else end.SetFromTask(work);
        });
        return end.Task;
    }

    /// <inheritdoc cref="FailsIn{TState}(Task, TState, Func{TState, bool})"/>
    public static Task<T> FailsIn<T, TState>(Task<T> work, TState state, Func<TState, bool> wasAskedFor)
    {
        if (work.IsCompletedSuccessfully) return work;
        var end = new TaskCompletionSource<T>(work);
        OnEnd(work, () =>
        {
            if (UnaskedError(work, state, wasAskedFor) is { } error) end.SetException(error);
            else end.SetFromTask(work);
        });
        return end.Task;
    }

    // On the thread that ends the work, whatever its context: on a loop in the same turn.
    private static void OnEnd(Task work, Action settle)
    {
        if (work.IsCompleted) settle();
        else _ = work.ContinueWith(static (_, settle) => ((Action)settle!)(), settle, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private static OperationCanceledException? UnaskedError<TState>(Task work, TState state, Func<TState, bool> wasAskedFor)
    {
        if (!work.IsCanceled || wasAskedFor(state)) return null;
        try
        {
            work.GetAwaiter().GetResult();
            return null;
        }
        catch (OperationCanceledException error)
        {
            return error;
        }
    }
}
