using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops.Coordination;

/// <summary>Borrowers and waiters.</summary>
public sealed class CapacityLimiterTests
{
    [ThreadFact]
    public async Task A_token_given_to_a_limiter_gives_up_waiting() => await RunAsync(static async () =>
    {
        var limiter = new CapacityLimiter(1);
        using var held = await limiter.EnterAsync();
        using var source = new CancellationTokenSource();
        var waiting = limiter.EnterAsync(source.Token).AsTask();
        source.Cancel();
        (await CaughtAsync(waiting)).ShouldBeAssignableTo<OperationCanceledException>();
    });

    [ThreadFact]
    public async Task Equal_borrowers_are_one_borrower() => await RunAsync(static async () =>
    {
        var limiter = new CapacityLimiter(3);
        using var held = await limiter.EnterAsync(42);
        (await CaughtAsync(limiter.EnterAsync(42).AsTask())).ShouldBeOfType<InvalidOperationException>();
    });

    [ThreadFact]
    public async Task Equal_strings_are_one_borrower() => await RunAsync(static async () =>
    {
        var limiter = new CapacityLimiter(3);
        using var held = await limiter.EnterAsync("user " + Environment.ProcessId);
        (await CaughtAsync(limiter.EnterAsync("user " + Environment.ProcessId).AsTask())).ShouldBeOfType<InvalidOperationException>();
    });

    [ThreadFact]
    public async Task A_borrower_that_gave_up_waiting_may_come_again() => await RunAsync(static async () =>
    {
        var limiter = new CapacityLimiter(1);
        using (await limiter.EnterAsync("first"))
        {
            using var source = new CancellationTokenSource();
            var waiting = limiter.EnterAsync("second", source.Token).AsTask();
            source.Cancel();
            (await CaughtAsync(waiting)).ShouldBeAssignableTo<OperationCanceledException>();
        }

        using (await limiter.EnterAsync("second"))
        {
        }

        using (await limiter.EnterAsync("second")) limiter.GetStatistics().Borrowers.ShouldBe(["second"]);
    });

    [ThreadFact]
    public async Task Code_of_a_borrower_runs_under_no_lock() => await RunAsync(static async () =>
    {
        var limiter = new CapacityLimiter(1);
        var borrower = new Talker(limiter);
        using var held = await limiter.EnterAsync(borrower);
        limiter.GetStatistics();
        borrower.HeardOther.ShouldBeTrue();
    });

    private sealed class Talker(CapacityLimiter limiter)
    {
        public bool HeardOther { get; private set; }

        public override string ToString()
        {
            var other = new Thread(() => _ = limiter.Total) { IsBackground = true };
            other.Start();
            HeardOther = other.Join(TestTimeout.Wait);
            return "talker";
        }
    }
}
