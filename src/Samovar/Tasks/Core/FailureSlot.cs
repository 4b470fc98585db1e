using System.Runtime.ExceptionServices;

namespace Samovar.Tasks.Core;

/// <summary>The error of one future that has not succeeded.</summary>
/// <remarks>
/// <list type="number">
/// <item>The thread that has claimed the outcome sets the error of a failed task before it finishes the word, which publishes it.</item>
/// <item>The error of a cancelled task is made when somebody first asks for it, by one compare-and-swap.</item>
/// </list>
/// </remarks>
internal struct FailureSlot
{
    private object? _failure; // a FutureFailure when the task has failed; an ExceptionDispatchInfo when it was cancelled and somebody has asked

    /// <summary>Whether the task is about to end, or has ended, as failed.</summary>
    public readonly bool IsSet => Volatile.Read(in _failure) is FutureFailure;

    /// <summary>Whether the task has failed and nothing has looked at the error.</summary>
    public readonly bool IsUnobserved => Volatile.Read(in _failure) is FutureFailure { IsObserved: false };

    /// <summary>Sets the error of a task that fails.</summary>
    public void Set(Future future, Exception error) => _failure = new FutureFailure(future, error);

    /// <summary>The error to throw, which counts as observed from here on. Only after an end without success.</summary>
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
