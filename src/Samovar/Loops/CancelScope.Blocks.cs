using Samovar.Loops;

namespace Samovar;

/// <content>The blocks that run in a scope of their own.</content>
public sealed partial class CancelScope
{
    /// <summary>Runs <paramref name="work"/> in a scope of its own, which the work can cancel and give a deadline.</summary>
    /// <returns>True when the work came to its end; false when the scope's own cancellation or deadline ended it.</returns>
    /// <param name="work">What to run.</param>
    /// <param name="cancellationToken">Cancels it from outside: then an <see cref="OperationCanceledException"/> comes out.</param>
    public static Task<bool> RunAsync(Func<CancelScope, Task> work, CancellationToken cancellationToken = default) =>
        MoveOnAfterAsync(Timeout.InfiniteTimeSpan, work, null, cancellationToken);

    /// <summary>Runs <paramref name="work"/> and gives it up after <paramref name="delay"/>, which is no error.</summary>
    /// <param name="delay">How long it may take; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it does. With zero it is not started.</param>
    /// <param name="work">What to run. It is given its scope, with which it can move the deadline. Its end is awaited also when it was cancelled.</param>
    /// <param name="timeProvider">The clock; null for the loop's, or the system's where there is no loop.</param>
    /// <param name="cancellationToken">Cancels it from outside: then an <see cref="OperationCanceledException"/> comes out.</param>
    /// <returns>True when the work came to its end; false when its scope was cancelled before.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A negative delay.</exception>
    public static async Task<bool> MoveOnAfterAsync(
        TimeSpan delay, Func<CancelScope, Task> work, TimeProvider? timeProvider = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        var scope = Open(delay, timeProvider);
        try
        {
            await scope.EnterAsync(work, delay, cancellationToken).ConfigureAwait(true);
            return true;
        }
        catch (OperationCanceledException) when (scope.IsCancellationRequested && !scope.IsCanceledFromOutside)
        {
            // This scope's own cancellation, which the caller learns of by the result.
            return false;
        }
    }

    /// <summary>Runs <paramref name="work"/>; if it takes longer than <paramref name="delay"/> it is cancelled and a
    /// <see cref="TimeoutException"/> thrown.</summary>
    /// <inheritdoc cref="MoveOnAfterAsync" path="/param"/>
    /// <exception cref="TimeoutException">The time was over first. Only this scope's own deadline becomes one.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative delay.</exception>
    public static async Task FailAfterAsync(
        TimeSpan delay, Func<CancelScope, Task> work, TimeProvider? timeProvider = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        await FailAfterCoreAsync(delay, work, timeProvider, cancellationToken).ConfigureAwait(true);
    }

    /// <inheritdoc cref="FailAfterAsync(TimeSpan, Func{CancelScope, Task}, TimeProvider?, CancellationToken)"/>
    /// <typeparam name="T">The type of the result.</typeparam>
    public static async Task<T> FailAfterAsync<T>(
        TimeSpan delay, Func<CancelScope, Task<T>> work, TimeProvider? timeProvider = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        T result = default!;
        await FailAfterCoreAsync(
            delay, async scope => result = await work(scope).ConfigureAwait(true), timeProvider, cancellationToken).ConfigureAwait(true);
        return result;
    }

    /// <summary>Runs <paramref name="work"/> behind a shield: no scope or deadline around it reaches it. Whoever awaits it waits until it is
    /// done, so nothing of it is left over, and is cancelled at his next wait.</summary>
    public static async Task ShieldAsync(Func<Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        var shield = new CancelScope(parent: null, ClockHere);
        await shield.EnterAsync(_ => work(), Timeout.InfiniteTimeSpan, CancellationToken.None).ConfigureAwait(true);
    }

    /// <inheritdoc cref="ShieldAsync(Func{Task})"/>
    /// <typeparam name="T">The type of the result.</typeparam>
    public static async Task<T> ShieldAsync<T>(Func<Task<T>> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        T result = default!;
        await ShieldAsync(async () => { result = await work().ConfigureAwait(true); }).ConfigureAwait(true);
        return result;
    }

    private static async Task FailAfterCoreAsync(
        TimeSpan delay, Func<CancelScope, Task> work, TimeProvider? timeProvider, CancellationToken cancellationToken)
    {
        var scope = Open(delay, timeProvider);
        try
        {
            await scope.EnterAsync(work, delay, cancellationToken).ConfigureAwait(true);
        }
        catch (OperationCanceledException error) when (scope.HasExpired && !scope.IsCanceledFromOutside)
        {
            throw TimedOut(delay, error);
        }
    }

    private static CancelScope Open(TimeSpan delay, TimeProvider? timeProvider)
    {
        Durations.RequireTimeout(delay, nameof(delay));
        return new CancelScope(Current, timeProvider ?? ClockHere);
    }

    private static TimeoutException TimedOut(TimeSpan delay, Exception? error) =>
        new($"The work did not end within {delay}. It was cancelled and has ended since.", error);

    private async Task EnterAsync(Func<CancelScope, Task> work, TimeSpan delay, CancellationToken cancellationToken)
    {
        Attach();
        var registration = Obey(cancellationToken);
        try
        {
            if (delay == TimeSpan.Zero) Trip(CancelCause.Deadline);
            else if (delay != Timeout.InfiniteTimeSpan) CancelAfter(delay);
            if (IsCancellationRequested) throw new OperationCanceledException("Cancelled before it began.", Token);
            AmbientFrame.Current = new AmbientFrame(this, AmbientFrame.Current?.Task); // undone with the method
            await work(this).ConfigureAwait(true);
        }
        finally
        {
            registration.Unregister();
            Detach();
        }
    }
}
