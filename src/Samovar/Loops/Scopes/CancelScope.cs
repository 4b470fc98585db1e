using System.Diagnostics;
using Samovar.Loops.Core;
using Samovar.Loops.Scopes;
using Samovar.Primitives;

namespace Samovar;

/// <summary>A part of the program that can be told to give up: by its deadline, by <see cref="Cancel"/>, or by what it stands in.</summary>
/// <remarks>
/// <para>Code inside need not be handed a token: <see cref="CurrentToken"/> is there wherever the execution context flows, and the loop's own
/// sleeps and waits obey it unasked. Scopes nest; whoever cancels one cancels all inside it, but for what stands behind a shield.</para>
/// <para>Cancellation stays: a scope that was cancelled lets no further wait begin. Work that has come to its end by then keeps its
/// result.</para>
/// <para>What comes out of a block that was cancelled from outside is an <see cref="OperationCanceledException"/> for that block alone. Its inner exception is
/// that of the wait where the cancellation began.</para>
/// <para>All members are thread-safe. Scopes work on a loop and off it.</para>
/// </remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed partial class CancelScope
{
    private readonly Lock _gate = new();
    private readonly CancelScope? _parent;
    private readonly LoopCore? _loop; // of the root
    private readonly bool _standsForParent; // the scope of a task that is not ready: what its code does to it, it does to the group's
    private readonly TimeProvider _time;
    private CancelScope? _firstChild;
    private CancelScope? _next;
    private CancelScope? _previous;
    private CancellationTokenSource? _source;
    private int _cause; // written under the gate, read anywhere
    private CancellationToken _outerToken;
    private ITimer? _timer;
    private long _deadline = long.MaxValue;
    private TimeSpan _movedTo = Timeout.InfiniteTimeSpan; // gate: what its code has last moved the deadline to; infinite for not, or off
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

    /// <summary>The nearest scope around the code that asks; null outside of any.</summary>
    public static CancelScope? Current => AmbientFrame.Current?.Scope;

    /// <summary>The token of the nearest scope, for code that takes tokens; <see cref="CancellationToken.None"/> outside of any.</summary>
    public static CancellationToken CurrentToken => Current?.Token ?? CancellationToken.None;

    /// <summary>Trips when the scope is cancelled, by whatever.</summary>
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

    /// <summary>Whether the scope has been cancelled, by whatever.</summary>
    public bool IsCancellationRequested => Cause != CancelCause.None;

    /// <summary>Whether its own deadline is what cancelled it.</summary>
    public bool HasExpired => Cause == CancelCause.Deadline || (_standsForParent && Cause == CancelCause.Outside && _parent!.HasExpired);

    /// <summary>How long until its own deadline; null when it has none. Never negative.</summary>
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

    /// <summary>Whether a deadline, its own or one around it, ends what waits in it.</summary>
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

    /// <summary>Whether it is the scope around a whole loop.</summary>
    internal bool IsRoot => _loop is not null;

    /// <summary>Whether what it stands in was cancelled, rather than it.</summary>
    internal bool IsCanceledFromOutside => _outerToken.IsCancellationRequested || _parent is { IsCancellationRequested: true };

    /// <summary>The token of whoever cancelled it from outside.</summary>
    internal CancellationToken OutsideToken => _outerToken.IsCancellationRequested ? _outerToken : _parent?.Token ?? CancellationToken.None;

    private CancelCause Cause => (CancelCause)Volatile.Read(ref _cause);

    private string DebuggerText => $"CancelScope: {Cause}{(_deadline == long.MaxValue ? "" : ", with a deadline")}";

    /// <summary>Cancels what stands in the scope. A second call does nothing.</summary>
    /// <exception cref="AggregateException">Callbacks on a token threw; all tokens have tripped all the same.</exception>
    public void Cancel() => (_standsForParent ? _parent! : this).Trip(CancelCause.Asked);

    /// <summary>Moves the deadline: the scope is cancelled after <paramref name="delay"/> from now, or, with
    /// <see cref="Timeout.InfiniteTimeSpan"/>, never by itself. What has been cancelled stays so.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative delay.</exception>
    public void CancelAfter(TimeSpan delay)
    {
        delay = TimeoutArguments.RequireAny(delay, nameof(delay));
        if (_standsForParent) _parent!.CancelAfter(delay);
        else MoveDeadline(delay, isAsked: true);
    }

    internal static CancelScope NewRoot(LoopCore loop) => new(loop);

    /// <summary>Cancels this scope alone, also where it stands for its parent.</summary>
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

    /// <summary>The clock for scopes made by this code: the loop's, where there is one.</summary>
    internal static TimeProvider ClockHere => LoopCore.Current?.Time ?? TimeProvider.System;

    /// <summary>From here on it is cancelled with its parent.</summary>
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

    /// <summary>It is over: nothing cancels it any more.</summary>
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

    /// <summary>Lets a token from outside cancel it, as its parent does.</summary>
    internal CancellationTokenRegistration Obey(CancellationToken token)
    {
        _outerToken = token;
        return token.UnsafeRegister(static scope => ((CancelScope)scope!).Trip(CancelCause.Outside), this);
    }

    /// <summary>Arms the timer for a deadline, and for what that has been moved to meanwhile: two may move it at once, and the last to arm may be the first to have moved.</summary>
    private void Arm(long deadline, TimeSpan delay)
    {
        while (true)
        {
            ITimer? timer;
            lock (_gate) timer = _timer;
            timer?.Change(delay < TimeoutArguments.Longest ? delay : TimeoutArguments.Longest, Timeout.InfiniteTimeSpan); // not under the gate: the clock may be the user's
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
        else Arm(deadline, DelayUntil(deadline)); // it was moved while this was on its way, or the timer called early, as the system's do
    }

    /// <summary>Marks this scope and all inside it, then trips their tokens. A loop and no recursion: they may nest by the thousand.</summary>
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

        if (errors is not null) throw new AggregateException("Callbacks on the token of a cancelled scope threw.", errors);
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate is held");
        Debug.Assert(_firstChild?._previous is null, "no scope is before the first");
        Debug.Assert(_firstChild is null || ReferenceEquals(_firstChild._parent, this), "a scope lists its own children");
        Debug.Assert(!_isOver || _timer is null, "a scope that is over has no timer");
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
            TripSleeps(); // also where a callback on the token throws
        }

        _loop?.PostOrForward((SendOrPostCallback)(static loop => ((LoopCore)loop!).CancelSleeps()), _loop);
    }
}
