using System.Diagnostics;
using Samovar.Loops.Core;
using Samovar.Loops.Scopes;
using Samovar.Primitives;

namespace Samovar;

/// <summary>A part of the program that can be cancelled as a whole: by its deadline, by <see cref="Cancel"/>, or by an enclosing scope.</summary>
/// <remarks>
/// <para>Code inside a scope need not be passed a token: <see cref="CurrentToken"/> is available wherever the execution context flows, and the loop's
/// own sleeps and waits observe it automatically. Scopes nest; cancelling a scope cancels all scopes inside it, except those behind a shield.</para>
/// <para>Cancellation is permanent: after it, no wait in the scope starts. Work that has already completed keeps its result.</para>
/// <para>A block that was cancelled from outside throws a new <see cref="OperationCanceledException"/>. Its inner exception is
/// the one from the wait where the cancellation began.</para>
/// <para>All members are thread-safe. Scopes work on a loop and off it.</para>
/// </remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed partial class CancelScope
{
    private readonly Lock _gate = new();
    private readonly CancelScope? _parent;
    private readonly LoopCore? _loop; // only in the root scope of a loop
    private readonly bool _standsForParent; // the scope of a task that is not ready: operations on it are applied to the group's scope
    private readonly TimeProvider _time;
    private CancelScope? _firstChild;
    private CancelScope? _next;
    private CancelScope? _previous;
    private CancellationTokenSource? _source;
    private int _cause; // written under the gate, read from any thread
    private CancellationToken _outerToken;
    private ITimer? _timer;
    private long _deadline = long.MaxValue;
    private TimeSpan _movedTo = Timeout.InfiniteTimeSpan; // under the gate: the delay of the last CancelAfter; infinite for none or no deadline
    private bool _isOver;

    internal CancelScope(CancelScope? parent, TimeProvider time, bool standsForParent = false)
    {
        _parent = parent;
        _time = time;
        _standsForParent = standsForParent;
    }

    private CancelScope(LoopCore loop)
    {
        _loop = loop;
        _time = loop.Time;
    }

    private enum CancelCause
    {
        None = 0,
        Asked,
        Deadline,
        Outside,
    }

    /// <summary>Gets the nearest scope around the calling code, or null outside any scope.</summary>
    public static CancelScope? Current => AmbientFrame.Current?.Scope;

    /// <summary>Gets the token of the nearest scope, for APIs that take a token; <see cref="CancellationToken.None"/> outside any scope.</summary>
    public static CancellationToken CurrentToken => Current?.Token ?? CancellationToken.None;

    /// <summary>Gets the token that is cancelled when the scope is cancelled, whatever the cause.</summary>
    public CancellationToken Token
    {
        get
        {
            CancellationTokenSource source;
            bool isLate;
            lock (_gate)
            {
                isLate = _source is null && Cause != CancelCause.None;
                source = _source ??= new CancellationTokenSource();
            }

            if (isLate) source.Cancel();
            return source.Token;
        }
    }

    /// <summary>Gets whether the scope has been cancelled, whatever the cause.</summary>
    public bool IsCancellationRequested => Cause != CancelCause.None;

    /// <summary>Gets whether the scope was cancelled by its own deadline.</summary>
    public bool HasExpired => Cause == CancelCause.Deadline || (_standsForParent && Cause == CancelCause.Outside && _parent!.HasExpired);

    /// <summary>Gets the time until the scope's own deadline; null if it has none. Never negative.</summary>
    public TimeSpan? TimeLeft
    {
        get
        {
            if (_standsForParent) return _parent!.TimeLeft;
            lock (_gate)
            {
                if (_deadline == long.MaxValue) return null;
                var left = _time.GetElapsedTime(_time.GetTimestamp(), _deadline);
                return left > TimeSpan.Zero ? left : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Whether the scope or any enclosing scope has a deadline.</summary>
    internal bool HasDeadlineAround
    {
        get
        {
            for (var scope = this; scope is not null; scope = scope._parent)
            {
                if (scope.TimeLeft is not null) return true;
            }

            return false;
        }
    }

    /// <summary>Whether this is the root scope of a loop.</summary>
    internal bool IsRoot => _loop is not null;

    /// <summary>Whether the outer token or an enclosing scope was cancelled.</summary>
    internal bool IsCanceledFromOutside => _outerToken.IsCancellationRequested || _parent is { IsCancellationRequested: true };

    /// <summary>The token that cancelled the scope from outside: the outer token or the parent's.</summary>
    internal CancellationToken OutsideToken => _outerToken.IsCancellationRequested ? _outerToken : _parent?.Token ?? CancellationToken.None;

    private CancelCause Cause => (CancelCause)Volatile.Read(ref _cause);

    private string DebuggerText => $"CancelScope: {Cause}{(_deadline == long.MaxValue ? "" : ", with a deadline")}";

    /// <summary>Cancels the scope and all scopes inside it. Further calls have no effect.</summary>
    /// <exception cref="AggregateException">Callbacks that are registered on a token threw. All tokens have been cancelled nevertheless.</exception>
    public void Cancel() => (_standsForParent ? _parent! : this).Trip(CancelCause.Asked);

    /// <summary>Sets the deadline to <paramref name="delay"/> from now, or removes it. A scope that has been cancelled stays cancelled.</summary>
    /// <param name="delay">When to cancel the scope, from now; <see cref="Timeout.InfiniteTimeSpan"/> for no deadline.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delay"/> is negative.</exception>
    public void CancelAfter(TimeSpan delay)
    {
        delay = TimeoutArguments.RequireAny(delay, nameof(delay));
        if (_standsForParent) _parent!.CancelAfter(delay);
        else MoveDeadline(delay, isAsked: true);
    }

    internal static CancelScope NewRoot(LoopCore loop) => new(loop);

    /// <summary>Cancels this scope alone, even if operations on it are otherwise applied to its parent.</summary>
    internal void GiveUp() => Trip(CancelCause.Asked);

    private void MoveDeadline(TimeSpan delay, bool isAsked)
    {
        long deadline = delay == Timeout.InfiniteTimeSpan
            ? long.MaxValue
            : (long)Int128.Min(long.MaxValue, _time.GetTimestamp() + ((Int128)delay.Ticks * _time.TimestampFrequency / TimeSpan.TicksPerSecond));
        lock (_gate)
        {
            _deadline = deadline;
            if (_isOver || Cause != CancelCause.None) return;
            if (isAsked) _movedTo = delay;
            if (_timer is null && delay == Timeout.InfiniteTimeSpan) return;
            _timer ??= _time.CreateTimerWithoutFlow(static scope => ((CancelScope)scope!).DeadlineStruck(), this);
        }

        Arm(deadline, delay);
    }

    /// <summary>The clock for scopes that the calling code creates: the current loop's, or the system's off a loop.</summary>
    internal static TimeProvider ClockHere => LoopCore.Current?.Time ?? TimeProvider.System;

    /// <summary>Adds the scope to its parent, so that it is cancelled with it.</summary>
    internal void Attach()
    {
        if (_parent is null) return;
        lock (_parent._gate)
        {
            if (_parent.Cause == CancelCause.None)
            {
                _next = _parent._firstChild;
                if (_next is not null) _next._previous = this;
                _parent._firstChild = this;
                _parent.CheckInvariantsLocked();
                return;
            }
        }

        Trip(CancelCause.Outside);
    }

    /// <summary>Ends the scope: removes it from its parent, and nothing can cancel it any more.</summary>
    internal void Detach()
    {
        ITimer? timer;
        lock (_gate)
        {
            _isOver = true;
            (timer, _timer) = (_timer, null);
            CheckInvariantsLocked();
        }

        timer?.Dispose();
        if (_parent is null) return;
        lock (_parent._gate)
        {
            if (_next is not null) _next._previous = _previous;
            if (_previous is not null) _previous._next = _next;
            else if (ReferenceEquals(_parent._firstChild, this)) _parent._firstChild = _next;
            _next = null;
            _previous = null;
            _parent.CheckInvariantsLocked();
        }
    }

    /// <summary>Cancels the scope from outside when <paramref name="token"/> is cancelled.</summary>
    internal CancellationTokenRegistration Obey(CancellationToken token)
    {
        _outerToken = token;
        return token.UnsafeRegister(static scope => ((CancelScope)scope!).Trip(CancelCause.Outside), this);
    }

    /// <summary>Arms the timer for a deadline, and repeats that if the deadline was changed meanwhile: two threads may change it concurrently, and
    /// the one that arms last may have changed it first.</summary>
    private void Arm(long deadline, TimeSpan delay)
    {
        while (true)
        {
            ITimer? timer;
            lock (_gate) timer = _timer;
            // Outside the gate: the clock may be a user's.
            timer?.Change(delay < TimeoutArguments.Longest ? delay : TimeoutArguments.Longest, Timeout.InfiniteTimeSpan);
            lock (_gate)
            {
                if (_isOver || _deadline == deadline) return;
                deadline = _deadline;
                delay = DelayUntil(deadline);
            }
        }
    }

    private TimeSpan DelayUntil(long deadline) =>
        deadline == long.MaxValue ? Timeout.InfiniteTimeSpan : TimeoutArguments.ToNextCall(_time.GetElapsedTime(_time.GetTimestamp(), deadline));

    private void DeadlineStruck()
    {
        long deadline;
        lock (_gate)
        {
            if (_isOver || Cause != CancelCause.None) return;
            deadline = _deadline;
        }

        if (_time.GetTimestamp() >= deadline) Trip(CancelCause.Deadline);
        else Arm(deadline, DelayUntil(deadline)); // the deadline was changed meanwhile, or the timer fired early, as system timers may
    }

    /// <summary>Marks this scope and all scopes inside it as cancelled, then cancels their tokens. Iterative, because scopes may be nested thousands
    /// deep.</summary>
    private void Trip(CancelCause cause)
    {
        var marked = new List<CancelScope>();
        var open = new Stack<CancelScope>();
        open.Push(this);
        while (open.TryPop(out var scope))
        {
            lock (scope._gate)
            {
                if (scope.Cause != CancelCause.None || scope._isOver) continue;
                Volatile.Write(ref scope._cause, (int)(ReferenceEquals(scope, this) ? cause : CancelCause.Outside));
                for (var child = scope._firstChild; child is not null; child = child._next) open.Push(child);
            }

            marked.Add(scope);
        }

        List<Exception>? errors = null;
        foreach (var scope in marked)
        {
            try
            {
                scope.TripToken();
            }
            catch (AggregateException fromCallbacks)
            {
                (errors ??= []).AddRange(fromCallbacks.InnerExceptions);
            }
        }

        if (errors is not null) throw new AggregateException("Callbacks that are registered on the token of a cancelled scope threw.", errors);
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate is held");
        Debug.Assert(_firstChild?._previous is null, "the first child has no predecessor");
        Debug.Assert(_firstChild is null || ReferenceEquals(_firstChild._parent, this), "a scope lists its own children");
        Debug.Assert(!_isOver || _timer is null, "a scope whose block has completed has no timer");
    }

    private void TripToken()
    {
        CancellationTokenSource? source;
        lock (_gate) source = _source;
        try
        {
            source?.Cancel();
        }
        finally
        {
            TripSleeps(); // even if a callback on the token throws
        }

        _loop?.PostOrForward((SendOrPostCallback)(static loop => ((LoopCore)loop!).CancelSleeps()), _loop);
    }
}
