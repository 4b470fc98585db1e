namespace Samovar.Tasks.Core;

/// <summary>Enforces, for methods that return a task, that "cancelled" means that cancellation was requested: an
/// <see cref="OperationCanceledException"/> that was not requested fails the task. (Tasks built by the compiler are cancelled by any such
/// exception.)</summary>
internal static class UnaskedCancellation
{
    /// <summary>Returns a task that completes as <paramref name="work"/> does, except that a cancellation that was not requested is a
    /// failure.</summary>
    /// <param name="work">The work.</param>
    /// <param name="state">The argument of <paramref name="wasAskedFor"/>.</param>
    /// <param name="wasAskedFor">Called after a cancellation: returns whether it was requested.</param>
    public static Task FailsIn<TState>(Task work, TState state, Func<TState, bool> wasAskedFor)
    {
        if (work.IsCompletedSuccessfully) return work;
        var end = new TaskCompletionSource(work); // the task tree finds the work by this state object
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

    // Runs on the thread that completes the work, in any context: on a loop in the same turn.
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
