using Samovar.Hosting.Lifetime;

namespace Samovar.Hosting.Tests;

public sealed class StopPlanTests
{
    [ThreadTheory]
    [InlineData(30, 0, 28, 2)]
    [InlineData(30, 5, 23, 2)]
    [InlineData(30, 29, 0, 2)]
    [InlineData(4, 0, 3, 1)]
    [InlineData(2, 0, 1.5, 0.5)]
    [InlineData(0, 0, 0, 0)]
    public void The_shutdown_timeout_is_divided_into_draining_and_a_reserve(double timeout, double elapsed, double drain, double reserve) =>
        StopPlan.For(TimeSpan.FromSeconds(timeout), TimeSpan.FromSeconds(elapsed), TimeSpan.FromSeconds(2))
            .ShouldBe(new StopPlan(TimeSpan.FromSeconds(drain), TimeSpan.FromSeconds(reserve)));

    [ThreadFact]
    public void A_host_without_limit_drains_without_limit()
    {
        StopPlan.For(Timeout.InfiniteTimeSpan, TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(2)).DrainTime.ShouldBe(Timeout.InfiniteTimeSpan);
        StopPlan.For(TimeSpan.MaxValue, TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(2)).DrainTime.ShouldBe(Timeout.InfiniteTimeSpan);
    }

    [ThreadTheory]
    [InlineData(0.5, 0.5)]
    [InlineData(5, 1)]
    [InlineData(-0.001, 1)]
    public void The_grace_period_is_at_most_half_of_the_reserve(double grace, double expected) =>
        new StopPlan(TimeSpan.Zero, TimeSpan.FromSeconds(2)).GraceFor(TimeSpan.FromSeconds(grace)).ShouldBe(TimeSpan.FromSeconds(expected));
}
