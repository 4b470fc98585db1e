using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;
using Samovar.Primitives;

namespace Samovar;

/// <content>The blocks that run in a scope of their own.</content>
public sealed partial class CancelScope
{
    private OperationCanceledException? _firstInside; // what came out of the first wait inside that was cancelled from outside with this scope

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
    public static Task<bool> MoveOnAfterAsync(
        TimeSpan delay, Func<CancelScope, Task> work, TimeProvider? timeProvider = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return ScopeBlock.MoveOnAsync(Open(delay, timeProvider), work, delay, cancellationToken);
    }

    /// <summary>Runs <paramref name="work"/>; if it takes longer than <paramref name="delay"/> it is cancelled and a
    /// <see cref="TimeoutException"/> thrown.</summary>
    /// <inheritdoc cref="MoveOnAfterAsync" path="/param"/>
    /// <exception cref="TimeoutException">The time was over first. Only this scope's own deadline becomes one.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative delay.</exception>
    public static Task FailAfterAsync(
        TimeSpan delay, Func<CancelScope, Task> work, TimeProvider? timeProvider = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return ScopeBlock.RunAsync(Open(delay, timeProvider), work, ScopeEnd.TimesOut, delay, cancellationToken);
    }

    /// <inheritdoc cref="FailAfterAsync(TimeSpan, Func{CancelScope, Task}, TimeProvider?, CancellationToken)"/>
    /// <typeparam name="T">The type of the result.</typeparam>
    public static Task<T> FailAfterAsync<T>(
        TimeSpan delay, Func<CancelScope, Task<T>> work, TimeProvider? timeProvider = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return ScopeBlock.RunAsync(Open(delay, timeProvider), work, ScopeEnd.TimesOut, delay, cancellationToken);
    }

    /// <summary>Runs <paramref name="work"/> behind a shield: no scope or deadline around it reaches it. Whoever awaits it waits until it is
    /// done, so nothing of it is left over, and is cancelled at his next wait.</summary>
    public static Task ShieldAsync(Func<Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return ScopeBlock.RunAsync(NewShield(), _ => work(), ScopeEnd.Passes, Timeout.InfiniteTimeSpan, CancellationToken.None);
    }

    /// <inheritdoc cref="ShieldAsync(Func{Task})"/>
    /// <typeparam name="T">The type of the result.</typeparam>
    public static Task<T> ShieldAsync<T>(Func<Task<T>> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return ScopeBlock.RunAsync(NewShield(), _ => work(), ScopeEnd.Passes, Timeout.InfiniteTimeSpan, CancellationToken.None);
    }

    /// <summary>Runs a task of a group in a scope of its own, with which its starter can give it up until it is ready: see <see cref="GiveUp"/>.</summary>
    internal static Task RunStartAsync(CancelScope group, Func<CancelScope, Task> work) =>
        ScopeBlock.MoveOnAsync(
            new CancelScope(group, ClockHere, standsForParent: true), work, Timeout.InfiniteTimeSpan, CancellationToken.None);

    /// <summary>The error of a block whose deadline is over.</summary>
    /// <param name="delay">What the block was begun with.</param>
    /// <param name="error">What came out of the work.</param>
    internal TimeoutException TimedOut(TimeSpan delay, Exception? error)
    {
        TimeSpan moved;
        lock (_gate) moved = _movedTo;
        string limit = moved == Timeout.InfiniteTimeSpan ? TimeoutArguments.Text(delay) : $"{TimeoutArguments.Text(moved)} from when its deadline was last moved";
        return new TimeoutException($"The work did not end within {limit}. It was cancelled and has ended since.", error);
    }

    /// <summary>Its block begins: it is cancelled with its parent and by <paramref name="cancellationToken"/> from here on, and after <paramref name="delay"/>.</summary>
    internal CancellationTokenRegistration Enter(TimeSpan delay, CancellationToken cancellationToken)
    {
        Attach();
        var registration = Obey(cancellationToken);
        if (delay == TimeSpan.Zero) Trip(CancelCause.Deadline);
        else if (!TimeoutArguments.IsUnlimited(delay)) MoveDeadline(delay, isAsked: false);
        return registration;
    }

    /// <summary>What comes out of its block when it was cancelled from outside: an exception for this scope alone, in which the one of the innermost wait is
    /// found. Rethrown through every scope, that one would grow by a part of its stack trace at each.</summary>
    /// <param name="thrown">What came out of the work, where that is known.</param>
    /// <param name="work">The work's task, which is cancelled; not null where <paramref name="thrown"/> is.</param>
    internal OperationCanceledException CanceledFromOutside(OperationCanceledException? thrown, Task? work)
    {
        // SYNC: first inside. What a child has left is seen whole.
        var first = Volatile.Read(ref _firstInside) ?? thrown ?? EndedTask.CancellationOf(work!);

        // SYNC: first inside. Of several children the first leaves it to the parent; a full fence.
        if (_parent is { IsCancellationRequested: true }) Interlocked.CompareExchange(ref _parent._firstInside, first, null);
        return new OperationCanceledException("The scope was cancelled from outside.", first, OutsideToken);
    }

    private static CancelScope NewShield() => new(parent: null, ClockHere);

    private static CancelScope Open(TimeSpan delay, TimeProvider? timeProvider)
    {
        TimeoutArguments.RequireAny(delay, nameof(delay));
        return new CancelScope(Current, timeProvider ?? ClockHere);
    }
}
