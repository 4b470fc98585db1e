using System.Runtime.ExceptionServices;

namespace Samovar.Tasks.Core;

/// <summary>The error of one future that did not succeed.</summary>
/// <remarks>
/// <list type="number">
/// <item>The thread that has claimed the outcome sets the error of a failed task before it finishes the word, which publishes the
/// error.</item>
/// <item>The error of a cancelled task is created when it is first requested, by one compare-and-swap.</item>
/// </list>
/// </remarks>
internal struct FailureSlot
{
    private object? _failure; // a FutureFailure if the task failed; an ExceptionDispatchInfo if it was cancelled and the error was requested

    /// <summary>Whether the task has failed and its error was never observed.</summary>
    public readonly bool IsUnobserved => Volatile.Read(in _failure) is FutureFailure { IsObserved: false };

    /// <summary>The error of a task that has failed, or is about to; null for any other. Does not mark it as observed.</summary>
    public readonly Exception? Error => (Volatile.Read(in _failure) as FutureFailure)?.Error;

    /// <summary>Sets the error of a task that fails.</summary>
    public void Set(Future future, Exception error) => _failure = new FutureFailure(future, error);

    /// <summary>Returns the error to throw and marks it as observed. Only valid after completion without success.</summary>
    public ExceptionDispatchInfo Observe(Future future)
    {
        object? failure = Volatile.Read(ref _failure);
        if (failure is FutureFailure failed) return failed.Observe();
        if (failure is null)
        {
            var fresh = ExceptionDispatchInfo.Capture(future.Canceled());
            failure = Interlocked.CompareExchange(ref _failure, fresh, null) ?? fresh;
        }

        return (ExceptionDispatchInfo)failure;
    }
}
