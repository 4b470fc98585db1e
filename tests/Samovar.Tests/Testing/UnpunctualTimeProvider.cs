namespace Samovar.Tests.Testing;

/// <summary>A clock whose timers do not keep to their time, as the system's now and then do not. It moves with <see cref="Advance"/>.</summary>
internal sealed class UnpunctualTimeProvider(Unpunctuality how) : TimeProvider
{
    private readonly ManualTimeProvider _clock = new();

    public override long TimestampFrequency => _clock.TimestampFrequency;

    public int ArmedTimers => _clock.ArmedTimers;

    public override long GetTimestamp() => _clock.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => _clock.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new UnpunctualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <inheritdoc cref="ManualTimeProvider.Advance"/>
    public void Advance(TimeSpan by) => _clock.Advance(by);

    /// <summary>Completes once a timer with this due time is armed.</summary>
    public Task WhenArmedAsync(TimeSpan dueTime) => _clock.WhenArmedAsync(Actual(dueTime));

    /// <summary>When a timer calls that is to call after <paramref name="dueTime"/>.</summary>
    private TimeSpan Actual(TimeSpan dueTime) => dueTime == Timeout.InfiniteTimeSpan ? dueTime : how switch
    {
        Unpunctuality.Early => dueTime * 0.9,
        Unpunctuality.Late => dueTime + TimeSpan.FromMilliseconds(5),
        _ => dueTime,
    };

    private sealed class UnpunctualTimer : ITimer
    {
        private readonly UnpunctualTimeProvider _owner;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private readonly ITimer _timer;
        private int _isDisposed;

        public UnpunctualTimer(UnpunctualTimeProvider owner, TimerCallback callback, object? state)
        {
            _owner = owner;
            _callback = callback;
            _state = state;
            _timer = owner._clock.CreateTimer(_ => Call(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        private Unpunctuality How => _owner.How;

        public bool Change(TimeSpan dueTime, TimeSpan period) => _timer.Change(_owner.Actual(dueTime), period);

        public void Dispose()
        {
            _timer.Dispose();
            if (How != Unpunctuality.AfterDisposal || Interlocked.Exchange(ref _isDisposed, 1) != 0) return;

            // A call that was on its way: it comes as soon as the clock moves.
            _owner._clock.CreateTimer(_ => _callback(_state), null, TimeSpan.FromTicks(1), Timeout.InfiniteTimeSpan);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Call()
        {
            _callback(_state);
            if (How == Unpunctuality.Twice) _callback(_state);
        }
    }

    private Unpunctuality How => how;
}

/// <summary>What a timer can do wrong.</summary>
public enum Unpunctuality
{
    /// <summary>It calls after nine tenths of its due time.</summary>
    Early,

    /// <summary>It calls 5 ms after its time.</summary>
    Late,

    /// <summary>It calls twice each time.</summary>
    Twice,

    /// <summary>It calls once more after it was disposed.</summary>
    AfterDisposal,
}
