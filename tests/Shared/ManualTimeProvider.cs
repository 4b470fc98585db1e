namespace Samovar.Tests.Testing;

/// <summary>A clock that moves only by <see cref="Advance"/>. Timers fire inside <see cref="Advance"/>, in the order they are due, each at
/// its own time; timers due at the same time fire in the order they were armed.</summary>
internal sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _armed = [];
    private readonly List<(TimeSpan DueTime, TaskCompletionSource Seen)> _watches = [];
    private readonly DateTimeOffset _start = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private long _now;
    private long _armings;

    /// <summary>Called on whatever thread asks for a timestamp, before it gets it: a place to hold that thread.</summary>
    public Action? TimestampAsked { get; set; }

    /// <summary>Called on whatever thread has armed a timer, with the time it was armed for.</summary>
    public Action<TimeSpan>? TimerArmed { get; set; }

    /// <summary>Called on whatever thread disposes of a timer, with the time it was last armed for.</summary>
    public Action<TimeSpan>? TimerDisposed { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public int ArmedTimers
    {
        get
        {
            lock (_gate) return _armed.Count;
        }
    }

    public override long GetTimestamp()
    {
        TimestampAsked?.Invoke();
        return Volatile.Read(ref _now);
    }

    public override DateTimeOffset GetUtcNow() => _start.AddTicks(Volatile.Read(ref _now));

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock on and fires every timer that comes due on the way, on this thread.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        long target = Volatile.Read(ref _now) + by.Ticks;
        while (TakeDue(target) is { } timer) timer.Fire();
        Volatile.Write(ref _now, target);
    }

    /// <summary>Completes once a timer is armed for so long from the moment it was armed, or for up to a tenth less: a worker process starts
    /// its task before the executor is notified, by a clock that does not stand still.</summary>
    public Task WhenArmedAsync(TimeSpan dueTime)
    {
        lock (_gate)
        {
            if (_armed.Exists(timer => IsAbout(timer.DueTime, dueTime))) return Task.CompletedTask;
            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _watches.Add((dueTime, seen));
            return seen.Task.WaitAsync(TestTimeout.Wait);
        }
    }

    private static bool IsAbout(TimeSpan armed, TimeSpan wanted) => armed <= wanted && armed >= wanted * 0.9;

    private void Arm(ManualTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            _armed.Remove(timer);
            if (dueTime == Timeout.InfiniteTimeSpan || timer.IsDisposed) return;
            timer.DueTime = dueTime;
            timer.Period = period;
            ArmLocked(timer, _now + dueTime.Ticks);
            foreach (var watch in _watches.FindAll(w => IsAbout(dueTime, w.DueTime))) watch.Seen.TrySetResult();
            _watches.RemoveAll(w => IsAbout(dueTime, w.DueTime));
        }

        TimerArmed?.Invoke(dueTime);
    }

    private void ArmLocked(ManualTimer timer, long due)
    {
        timer.Due = due;
        timer.Order = ++_armings;
        _armed.Add(timer);
    }

    private void Dispose(ManualTimer timer)
    {
        lock (_gate)
        {
            timer.IsDisposed = true;
            _armed.Remove(timer);
        }

        TimerDisposed?.Invoke(timer.DueTime);
    }

    private ManualTimer? TakeDue(long target)
    {
        lock (_gate)
        {
            var next = _armed.Where(timer => timer.Due <= target).MinBy(static timer => (timer.Due, timer.Order));
            if (next is null) return null;
            _armed.Remove(next);
            Volatile.Write(ref _now, Math.Max(_now, next.Due));
            if (next.Period > TimeSpan.Zero) ArmLocked(next, next.Due + next.Period.Ticks);
            return next;
        }
    }

    private sealed class ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state) : ITimer
    {
        public TimeSpan DueTime { get; set; }

        public TimeSpan Period { get; set; }

        public long Due { get; set; }

        public long Order { get; set; }

        public bool IsDisposed { get; set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            clock.Arm(this, dueTime, period);
            return !IsDisposed;
        }

        public void Dispose() => clock.Dispose(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
