namespace Samovar.Stress.Cluster.Simulation;

/// <summary>A process of the simulation. Its clock is that of the simulation; its timers and messages wait while it is stopped, and end with it.</summary>
internal sealed class SimulatedHost(VirtualTime time, string name) : TimeProvider
{
    public string Name => name;

    /// <summary>Whether the process was killed.</summary>
    public bool IsDead { get; set; }

    /// <summary>The time until which the process is stopped.</summary>
    public long StoppedUntil { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => time.Now;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(time.Now);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(time, this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(VirtualTime time, SimulatedHost host, TimerCallback callback, object? state) : ITimer
    {
        private int _setting;
        private TimeSpan _period;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _period = period;
            Set(dueTime);
            return true;
        }

        public void Dispose() => _setting++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Set(TimeSpan dueTime)
        {
            int setting = ++_setting;
            if (dueTime < TimeSpan.Zero) return;
            time.At(time.Now + dueTime.Ticks, host, () =>
            {
                if (setting != _setting) return;
                if (_period > TimeSpan.Zero) Set(_period);
                callback(state);
            });
        }
    }
}
