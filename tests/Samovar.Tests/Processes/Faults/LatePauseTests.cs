using System.Runtime.Versioning;

namespace Samovar.Tests.Processes.Faults;

/// <summary>A timer that calls after its pause was ended: it ends no other.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class LatePauseTests
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(200);

    [ProcessFact]
    public async Task A_timer_that_calls_when_its_pause_has_been_ended_leaves_the_next_pause_alone()
    {
        var directory = Directory.CreateTempSubdirectory("samovar-test-");
        var time = new LateTimers();
        await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { WorkingDirectory = directory.FullName, TimeProvider = time });
        directory.Delete(); // so every start fails before there is a process
        var waiting = pool.Submit(static () => 1);
        await time.WhenArmedAsync(s_firstPause);
        time.Advance(TimeSpan.FromSeconds(1));
        time.Fire(s_firstPause);
        await time.WhenArmedAsync(2 * s_firstPause);
        await Should.ThrowAsync<WorkerStartException>(waiting.AsTask());
        pool.GetStatistics().WorkerStarts.ShouldBe(WorkerStartState.Open);

        time.Advance(2 * s_firstPause); // over, but its timer has not called
        await Should.ThrowAsync<WorkerStartException>(pool.Submit(static () => 1).AsTask());
        await time.WhenArmedAsync(4 * s_firstPause);
        time.Fire(2 * s_firstPause);
        pool.GetStatistics().WorkerStarts.ShouldBe(WorkerStartState.Open);
        time.Fire(4 * s_firstPause);
        pool.GetStatistics().WorkerStarts.ShouldBe(WorkerStartState.HalfOpen);
    }

    /// <summary>A clock whose timers call when the test says so, also when they have been disposed of.</summary>
    private sealed class LateTimers : TimeProvider
    {
        private readonly ManualTimeProvider _clock = new(); // its timers are armed so that a test can wait for them, and never call
        private readonly Lock _gate = new();
        private readonly Dictionary<TimeSpan, Action> _calls = [];

        public override long TimestampFrequency => _clock.TimestampFrequency;

        public override long GetTimestamp() => _clock.GetTimestamp();

        public void Advance(TimeSpan by) => _clock.Advance(by);

        public Task WhenArmedAsync(TimeSpan dueTime) => _clock.WhenArmedAsync(dueTime);

        /// <summary>Calls what was last armed for so long.</summary>
        public void Fire(TimeSpan dueTime)
        {
            Action call;
            lock (_gate) call = _calls[dueTime];
            call();
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new LateTimer(this, () => callback(state), _clock.CreateTimer(static _ => { }, null, dueTime, period));

        private sealed class LateTimer(LateTimers owner, Action call, ITimer timer) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                lock (owner._gate) owner._calls[dueTime] = call;
                return timer.Change(dueTime, period);
            }

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }
}
