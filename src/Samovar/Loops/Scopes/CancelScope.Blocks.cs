using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;
using Samovar.Primitives;

namespace Samovar;

/// <content>Blocks that run in their own scope.</content>
public sealed partial class CancelScope
{
    private OperationCanceledException? _firstInside; // from the first inner wait that was cancelled from outside together with this scope

    /// <summary>Runs <paramref name="work"/> in a new scope, which the work can cancel and give a deadline.</summary>
    /// <param name="work">The work to run. It is passed its scope.</param>
    /// <param name="cancellationToken">Cancels the work; an <see cref="OperationCanceledException"/> is thrown then.</param>
    /// <returns>true if the work completed; false if the scope's own cancellation or deadline ended it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="work"/> is null.</exception>
    /// <exception cref="OperationCanceledException">The token or an enclosing scope was cancelled.</exception>
    public static Task<bool> RunAsync(Func<CancelScope, Task> work, CancellationToken cancellationToken = default) =>
        MoveOnAfterAsync(Timeout.InfiniteTimeSpan, work, null, cancellationToken);

    /// <summary>Runs <paramref name="work"/> in a new scope and cancels it after <paramref name="delay"/>. The timeout is not an error.</summary>
    /// <param name="delay">How long the work may take; <see cref="Timeout.InfiniteTimeSpan"/> for no limit. With <see cref="TimeSpan.Zero"/>, the
    /// work is not started.</param>
    /// <param name="work">The work to run. It is passed its scope, with which it can change the deadline. The call waits for its completion even if
    /// it was cancelled.</param>
    /// <param name="timeProvider">The clock; null for the current loop's clock, or the system clock off a loop.</param>
    /// <param name="cancellationToken">Cancels the work; an <see cref="OperationCanceledException"/> is thrown then.</param>
    /// <returns>true if the work completed; false if its scope was cancelled first.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="work"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delay"/> is negative.</exception>
    /// <exception cref="OperationCanceledException">The token or an enclosing scope was cancelled.</exception>
    /// <example>
    /// <code>
    /// bool isComplete = await CancelScope.MoveOnAfterAsync(
    ///     TimeSpan.FromSeconds(1), async _ => await EventLoop.SleepAsync(TimeSpan.FromHours(1)));
    /// Console.WriteLine(isComplete ? "complete" : "cancelled after a second");
    /// </code>
    /// </example>
    public static Task<bool> MoveOnAfterAsync(
        TimeSpan delay, Func<CancelScope, Task> work, TimeProvider? timeProvider = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return ScopeBlock.MoveOnAsync(Open(delay, timeProvider), work, delay, cancellationToken);
    }

    /// <summary>Runs <paramref name="work"/> in a new scope. If it takes longer than <paramref name="delay"/>, cancels it and throws a
    /// <see cref="TimeoutException"/>.</summary>
    /// <inheritdoc cref="MoveOnAfterAsync" path="/param"/>
    /// <returns>A task that completes with the work.</returns>
    /// <exception cref="TimeoutException">The deadline of this scope expired first. The deadline of an enclosing scope is not converted.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="work"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delay"/> is negative.</exception>
    /// <exception cref="OperationCanceledException">The token or an enclosing scope was cancelled.</exception>
    /// <example>
    /// <code>
    /// string answer;
    /// try
    /// {
    ///     answer = await CancelScope.FailAfterAsync(TimeSpan.FromMilliseconds(500), _ => AskAsync());
    /// }
    /// catch (TimeoutException)
    /// {
    ///     answer = "no answer in time";
    /// }
    /// </code>
    /// </example>
    public static Task FailAfterAsync(
        TimeSpan delay, Func<CancelScope, Task> work, TimeProvider? timeProvider = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return ScopeBlock.RunAsync(Open(delay, timeProvider), work, ScopeEnd.TimesOut, delay, cancellationToken);
    }

    /// <inheritdoc cref="FailAfterAsync(TimeSpan, Func{CancelScope, Task}, TimeProvider?, CancellationToken)"/>
    /// <typeparam name="T">The type of the result.</typeparam>
    /// <returns>The result of <paramref name="work"/>.</returns>
    public static Task<T> FailAfterAsync<T>(
        TimeSpan delay, Func<CancelScope, Task<T>> work, TimeProvider? timeProvider = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return ScopeBlock.RunAsync(Open(delay, timeProvider), work, ScopeEnd.TimesOut, delay, cancellationToken);
    }

    /// <summary>Runs <paramref name="work"/> behind a shield: cancellations and deadlines of enclosing scopes do not affect it. The caller waits
    /// until the work has completed, and is cancelled at its next wait.</summary>
    /// <param name="work">The work to run.</param>
    /// <returns>A task that completes with the work.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="work"/> is null.</exception>
    public static Task ShieldAsync(Func<Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return ScopeBlock.RunAsync(NewShield(), _ => work(), ScopeEnd.Passes, Timeout.InfiniteTimeSpan, CancellationToken.None);
    }

    /// <inheritdoc cref="ShieldAsync(Func{Task})"/>
    /// <typeparam name="T">The type of the result.</typeparam>
    /// <returns>The result of <paramref name="work"/>.</returns>
    public static Task<T> ShieldAsync<T>(Func<Task<T>> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return ScopeBlock.RunAsync(NewShield(), _ => work(), ScopeEnd.Passes, Timeout.InfiniteTimeSpan, CancellationToken.None);
    }

    /// <summary>Runs a task of a group in its own scope, through which its starter can abandon it until it is ready: see
    /// <see cref="GiveUp"/>.</summary>
    internal static Task RunStartAsync(CancelScope group, Func<CancelScope, Task> work) =>
        ScopeBlock.MoveOnAsync(
            new CancelScope(group, ClockHere, standsForParent: true), work, Timeout.InfiniteTimeSpan, CancellationToken.None);

    /// <summary>Returns the error of a block whose deadline has expired.</summary>
    /// <param name="delay">The block's original delay.</param>
    /// <param name="error">The exception that the work threw.</param>
    internal TimeoutException TimedOut(TimeSpan delay, Exception? error)
    {
        TimeSpan moved;
        lock (_gate) moved = _movedTo;
        string limit = moved == Timeout.InfiniteTimeSpan ? TimeoutArguments.Text(delay) : $"{TimeoutArguments.Text(moved)} of the last change of its deadline";
        return new TimeoutException($"The work did not complete within {limit}. It was cancelled and has stopped.", error);
    }

    /// <summary>Begins the scope's block: the scope is now cancelled with its parent, by <paramref name="cancellationToken"/>, and after
    /// <paramref name="delay"/>.</summary>
    internal CancellationTokenRegistration Enter(TimeSpan delay, CancellationToken cancellationToken)
    {
        Attach();
        var registration = Obey(cancellationToken);
        if (delay == TimeSpan.Zero) Trip(CancelCause.Deadline);
        else if (!TimeoutArguments.IsUnlimited(delay)) MoveDeadline(delay, isAsked: false);
        return registration;
    }

    /// <summary>Returns the exception of a block that was cancelled from outside: a new exception for this scope, whose inner exception is that of
    /// the innermost wait. If the inner exception were rethrown through every scope instead, its stack trace would grow at each.</summary>
    /// <param name="thrown">The exception that the work threw, if known.</param>
    /// <param name="work">The work's cancelled task; not null if <paramref name="thrown"/> is null.</param>
    internal OperationCanceledException CanceledFromOutside(OperationCanceledException? thrown, Task? work)
    {
        // SYNC: first inside. The exception that a child published is read with acquire semantics, so it is fully visible.
        var first = Volatile.Read(ref _firstInside) ?? thrown ?? EndedTask.CancellationOf(work!);

        // SYNC: first inside. The first of several children publishes its exception to the parent; a full fence.
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
