using Samovar.Primitives;

namespace Samovar.Loops.Core;

/// <summary>A timer of <see cref="LoopTimeProvider"/>. It can be changed and disposed from any thread; the loop applies the change when its turn
/// comes.</summary>
internal sealed class LoopTimer(LoopCore loop, TimerCallback callback, object? state, ExecutionContext? context) : ITimer
{
    private static readonly ContextCallback s_call = static timer => ((LoopTimer)timer!).Call();

    private Moment? _armed; // on the loop's thread
    private TimeSpan _period;
    private int _isDisposed;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        dueTime = TimeoutArguments.RequireAny(dueTime, nameof(dueTime));
        period = TimeoutArguments.RequireAny(period, nameof(period));
        if (Volatile.Read(ref _isDisposed) != 0) return false;
        if (loop.IsHere) Rearm(dueTime, period);
        else loop.PostOrForward(Adjustment.Callback, new Adjustment(this, dueTime, period));
        return true;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        if (loop.IsHere) Disarm();
        else if (!loop.IsClosed) loop.PostOrForward(Adjustment.Callback, new Adjustment(this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private void Rearm(TimeSpan dueTime, TimeSpan period)
    {
        Disarm();
        _period = period;
        if (dueTime == Timeout.InfiniteTimeSpan || Volatile.Read(ref _isDisposed) != 0) return;
        _armed = new Moment(this);
        loop.Arm(_armed, dueTime);
    }

    private void Disarm()
    {
        if (_armed is { } armed) loop.Disarm(armed);
        _armed = null;
    }

    private void Ring(Moment moment)
    {
        if (!ReferenceEquals(moment, _armed) || Volatile.Read(ref _isDisposed) != 0) return; // changed or disposed since it became ready
        _armed = null;
        if (_period > TimeSpan.Zero)
        {
            _armed = new Moment(this);
            loop.Arm(_armed, _period);
        }

        if (context is null) Call();
        else ExecutionContext.Run(context, s_call, this);
    }

    private void Call() => callback(state);

    private sealed class Moment(LoopTimer timer) : TimerNode
    {
        private static readonly Action<object?> s_ring = static self => ((Moment)self!).Ring();

        public override void Due(LoopCore loop) => loop.Post(s_ring, this);

        private void Ring() => timer.Ring(this);
    }

    private sealed class Adjustment(LoopTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        public static readonly Action<object?> Callback = static self => ((Adjustment)self!).Make();

        // A closed loop forwards this callback to the thread pool; there is nothing to arm then.
        private void Make()
        {
            if (timer.Loop.IsHere) timer.Rearm(dueTime, period);
        }
    }

    private LoopCore Loop => loop;
}
