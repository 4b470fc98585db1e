using Samovar.Executors.Scheduling;
using Samovar.Tasks.Core;

namespace Samovar.Tests.Tasks;

/// <summary>The timeout of a task that runs in another process, whose start is noticed later.</summary>
public sealed class TimeoutStartTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_tick = TimeSpan.FromTicks(1);

    private readonly ManualTimeProvider _time = new();
    private readonly WorkerIdentity _worker = new(1, "worker");

    [ThreadFact]
    public void A_start_that_is_noticed_late_leaves_less_of_the_timeout()
    {
        var future = Sent();
        long began = _time.GetTimestamp();
        _time.Advance(s_limit * 0.6);
        future.TryStartSent(_worker, attempt: 1, began, hasEnded: false).ShouldBeTrue();

        _time.Advance((s_limit * 0.4) - s_tick);
        future.IsTimeoutRequested.ShouldBeFalse();
        _time.Advance(s_tick);
        future.IsTimeoutRequested.ShouldBeTrue();
    }

    [ThreadFact]
    public void A_start_that_is_noticed_after_the_timeout_leaves_nothing_of_it()
    {
        var future = Sent();
        long began = _time.GetTimestamp();
        _time.Advance(s_limit * 2);
        future.TryStartSent(_worker, attempt: 1, began, hasEnded: false).ShouldBeTrue();
        _time.Advance(TimeSpan.Zero);
        future.IsTimeoutRequested.ShouldBeTrue();
    }

    [ThreadFact]
    public void The_timer_of_a_task_that_has_a_worker_is_armed()
    {
        var future = Sent();
        WorkerIdentity? whenArmed = _worker;
        _time.TimerArmed = due =>
        {
            if (due == s_limit) whenArmed = future.Worker;
        };
        future.TryStartSent(_worker, attempt: 1, _time.GetTimestamp(), hasEnded: false).ShouldBeTrue();
        whenArmed.ShouldBeNull();
        future.Worker.ShouldBe(_worker);
    }

    private DelegateFuture Sent()
    {
        var scheduler = new InlineScheduler(new InlineExecutorOptions { TimeProvider = _time }, "far away");
        var future = new DelegateFuture(scheduler, static () => { }, DelegateKind.Synchronous, new() { Timeout = s_limit }, id: 1);
        future.TrySend().ShouldBeTrue();
        return future;
    }
}
