using System.Diagnostics;

namespace Samovar.Tests.Child;

/// <summary>A clock fifty times as fast as the system's: pauses between failed starts cost a test no time to speak of.</summary>
internal sealed class HastyTime : TimeProvider
{
    private const int Factor = 50;

    public override long TimestampFrequency => Stopwatch.Frequency;

    public override long GetTimestamp() => Stopwatch.GetTimestamp() * Factor;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new HastyTimer(System.CreateTimer(callback, state, Hasty(dueTime), Hasty(period)));

    private static TimeSpan Hasty(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? time : time / Factor;

    private sealed class HastyTimer(ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(Hasty(dueTime), Hasty(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
