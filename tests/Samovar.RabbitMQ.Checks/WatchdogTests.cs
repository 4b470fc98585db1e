using Microsoft.Extensions.Logging.Abstractions;
using Samovar.RabbitMQ.Consuming;

namespace Samovar.RabbitMQ.Checks;

/// <summary>The watch over consumption, by a clock of the test.</summary>
public sealed class WatchdogTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly Consumption _consumption = new();
    private readonly List<Exception> _failures = [];
    private long _ready;

    [ThreadFact]
    public async Task Messages_that_are_not_delivered_lead_to_new_subscriptions_and_then_to_a_new_session()
    {
        using var ended = new CancellationTokenSource();
        var run = Run(ended.Token);
        _ready = 5;
        _consumption.Idle = ConsumptionWatchdog.Period;

        await TickAsync(checks: 1);
        await TestTimeout.UntilAsync(() => _consumption.Subscribed == 1);
        Failures.ShouldBeEmpty();

        await TickAsync(checks: 2);
        await TestTimeout.UntilAsync(() => Failures.Length == 1);
        _consumption.Subscribed.ShouldBe(1);
        Failures[0].Message.ShouldContain("none of 5 messages");
        await ended.CancelAsync();
        await run;
    }

    [ThreadFact]
    public async Task A_delivery_after_the_new_subscription_clears_the_suspicion()
    {
        using var ended = new CancellationTokenSource();
        var run = Run(ended.Token);
        _ready = 5;
        _consumption.Idle = ConsumptionWatchdog.Period;
        await TickAsync(checks: 1);
        await TestTimeout.UntilAsync(() => _consumption.Subscribed == 1);

        _consumption.Idle = TimeSpan.FromSeconds(1);
        await TickAsync(checks: 2);
        _consumption.Idle = ConsumptionWatchdog.Period;
        await TickAsync(checks: 3);

        await TestTimeout.UntilAsync(() => _consumption.Subscribed == 2);
        Failures.ShouldBeEmpty();
        await ended.CancelAsync();
        await run;
    }

    [ThreadTheory]
    [InlineData(0, 30)] // the queue is empty
    [InlineData(5, 0)] // there is no room, or no credit
    [InlineData(5, 29)]
    public async Task Nothing_happens_while_nothing_is_wrong(long ready, int idleSeconds)
    {
        using var ended = new CancellationTokenSource();
        var run = Run(ended.Token);
        _ready = ready;
        _consumption.Idle = TimeSpan.FromSeconds(idleSeconds);

        for (int check = 1; check <= 3; check++) await TickAsync(check); // two are complete when the third begins

        _consumption.Subscribed.ShouldBe(0);
        Failures.ShouldBeEmpty();
        await ended.CancelAsync();
        await run;
    }

    [ThreadFact]
    public async Task A_broker_that_does_not_answer_ends_the_session()
    {
        _consumption.Idle = ConsumptionWatchdog.Period;
        var run = new ConsumptionWatchdog(_consumption, static (_, _) => throw new TimeoutException("no answer"), Note, _time, NullLogger.Instance).RunAsync(default);

        _time.Advance(ConsumptionWatchdog.Period);

        await run.WaitAsync(TestTimeout.Wait);
        Failures.Single().ShouldBeOfType<TimeoutException>();
    }

    private Task Run(CancellationToken ended) =>
        new ConsumptionWatchdog(_consumption, (_, _) => Task.FromResult(Volatile.Read(ref _ready)), Note, _time, NullLogger.Instance).RunAsync(ended);

    private Exception[] Failures
    {
        get
        {
            lock (_failures) return [.. _failures];
        }
    }

    /// <summary>Moves the clock, and waits until a check has begun, on another thread.</summary>
    private Task TickAsync(int checks)
    {
        _time.Advance(ConsumptionWatchdog.Period);
        return TestTimeout.UntilAsync(() => _consumption.Checks >= checks);
    }

    private void Note(Exception failure)
    {
        lock (_failures) _failures.Add(failure);
    }

    private sealed class Consumption : IWatchedConsumption
    {
        private int _checks;
        private int _subscribed;
        private long _idle;

        public TimeSpan Idle
        {
            set => Volatile.Write(ref _idle, value.Ticks);
        }

        public int Checks => Volatile.Read(ref _checks);

        public int Subscribed => Volatile.Read(ref _subscribed);

        public int Queues => 1;

        public TimeSpan IdleTime(int queue)
        {
            Interlocked.Increment(ref _checks);
            return TimeSpan.FromTicks(Volatile.Read(ref _idle));
        }

        public void SubscribeAgain() => Interlocked.Increment(ref _subscribed);
    }
}
