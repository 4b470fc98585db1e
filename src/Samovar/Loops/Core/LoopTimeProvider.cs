namespace Samovar.Loops.Core;

/// <summary>The loop's clock as a <see cref="TimeProvider"/>. Its timers call back on the loop.</summary>
internal sealed class LoopTimeProvider(LoopCore loop) : TimeProvider
{
    private static readonly DateTimeOffset s_virtualStart = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly LoopClock _clock = loop.Clock;

    public override long TimestampFrequency => _clock.Frequency;

    public override long GetTimestamp() => _clock.Now;

    public override DateTimeOffset GetUtcNow() => _clock.IsVirtual
        ? s_virtualStart.AddTicks(Math.Min(_clock.Now, DateTime.MaxValue.Ticks - s_virtualStart.Ticks)) // DateTime has a smaller range than the clock
        : _clock.Source.GetUtcNow();

    public override TimeZoneInfo LocalTimeZone => _clock.IsVirtual ? TimeZoneInfo.Utc : _clock.Source.LocalTimeZone;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new LoopTimer(loop, callback, state, ExecutionContext.Capture());
        timer.Change(dueTime, period);
        return timer;
    }
}
