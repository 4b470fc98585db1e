namespace Samovar.Tests.Testing;

public sealed class ManualTimeProviderTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly List<string> _fired = [];

    [ThreadFact]
    public void Time_does_not_move_until_it_is_advanced()
    {
        long before = _time.GetTimestamp();
        _time.GetElapsedTime(before).ShouldBe(TimeSpan.Zero);
        var start = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromMinutes(5));
        _time.GetElapsedTime(before).ShouldBe(TimeSpan.FromMinutes(5));
        (_time.GetUtcNow() - start).ShouldBe(TimeSpan.FromMinutes(5));
    }

    [ThreadFact]
    public void Timers_fire_inside_Advance_in_the_order_they_are_due_each_at_its_time()
    {
        long began = _time.GetTimestamp();
        Arm("late", 3);
        Arm("early", 1);
        Arm("early too", 1);
        _time.Advance(TimeSpan.FromSeconds(2));
        _fired.ShouldBe(["early", "early too"]);
        _time.Advance(TimeSpan.FromSeconds(5));
        _fired.ShouldBe(["early", "early too", "late"]);

        void Arm(string name, int seconds) => _time.CreateTimer(
            _ =>
            {
                _time.GetElapsedTime(began).ShouldBe(TimeSpan.FromSeconds(seconds));
                _fired.Add(name);
            },
            null, TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan);
    }

    [ThreadFact]
    public void A_timer_armed_by_a_timer_fires_in_the_same_Advance_if_it_comes_due()
    {
        _time.CreateTimer(
            _ => _time.CreateTimer(_ => _fired.Add("second"), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan),
            null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        _time.Advance(TimeSpan.FromSeconds(2));
        _fired.ShouldBe(["second"]);
    }

    [ThreadFact]
    public void A_period_repeats_until_the_timer_is_changed_or_disposed()
    {
        var timer = _time.CreateTimer(_ => _fired.Add("tick"), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        _time.Advance(TimeSpan.FromSeconds(5));
        _fired.Count.ShouldBe(3);
        timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _time.Advance(TimeSpan.FromSeconds(5));
        _fired.Count.ShouldBe(3);
        timer.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        timer.Dispose();
        timer.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan).ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(5));
        _fired.Count.ShouldBe(3);
        _time.ArmedTimers.ShouldBe(0);
    }

    [ThreadFact]
    public async Task The_framework_measures_its_delays_by_it()
    {
        var delay = Task.Delay(TimeSpan.FromHours(1), _time, TestContext.Current.CancellationToken);
        await _time.WhenArmedAsync(TimeSpan.FromHours(1));
        delay.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromHours(1));
        await delay;
    }

    [ThreadFact]
    public async Task A_timer_that_is_armed_for_up_to_a_tenth_less_is_taken_for_the_one_awaited()
    {
        using var tooShort = _time.CreateTimer(static _ => { }, null, TimeSpan.FromSeconds(8.9), Timeout.InfiniteTimeSpan);
        using var tooLong = _time.CreateTimer(static _ => { }, null, TimeSpan.FromSeconds(10.1), Timeout.InfiniteTimeSpan);
        var armed = _time.WhenArmedAsync(TimeSpan.FromSeconds(10));
        armed.IsCompleted.ShouldBeFalse();
        using var about = _time.CreateTimer(static _ => { }, null, TimeSpan.FromSeconds(9), Timeout.InfiniteTimeSpan);
        await armed;
    }
}
