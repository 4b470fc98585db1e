namespace Samovar.Tests.Tasks;

public sealed class RetryPolicyTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [ThreadTheory]
    [InlineData(RetryBackoff.Constant, new[] { 1.0, 1, 1, 1 })]
    [InlineData(RetryBackoff.Linear, new[] { 1.0, 2, 3, 4 })]
    [InlineData(RetryBackoff.Exponential, new[] { 1.0, 2, 4, 8 })]
    public void Without_jitter_delays_grow_as_named(RetryBackoff backoff, double[] seconds) =>
        Delays(new() { Delay = s_second, Backoff = backoff, UseJitter = false }, 4).ShouldBe(seconds);

    [ThreadTheory]
    [InlineData(RetryBackoff.Constant, 0.0, 0.75)]
    [InlineData(RetryBackoff.Constant, 0.5, 1.0)]
    [InlineData(RetryBackoff.Linear, 0.0, 0.75)]
    public void Jitter_spreads_by_a_quarter_to_either_side(RetryBackoff backoff, double random, double seconds) =>
        Delays(new() { Delay = s_second, Backoff = backoff, Random = () => random }, 1)[0].ShouldBe(seconds, 1e-6);

    [ThreadFact]
    public void Exponential_jitter_is_decorrelated_and_continues_from_its_last_value()
    {
        var delays = Delays(new() { Delay = s_second, Random = static () => 0.5 }, 3);
        delays[0].ShouldBe(Curve(0.5) / 1.4, 1e-6);
        delays[1].ShouldBe((Curve(1.5) - Curve(0.5)) / 1.4, 1e-6);
        delays[2].ShouldBe((Curve(2.5) - Curve(1.5)) / 1.4, 1e-6);

        static double Curve(double t) => Math.Pow(2, t) * Math.Tanh(Math.Sqrt(4 * t));
    }

    [ThreadFact]
    public void No_delay_grows_beyond_the_longest()
    {
        var limit = TimeSpan.FromSeconds(5);
        foreach (var backoff in Enum.GetValues<RetryBackoff>())
        {
            foreach (bool jitter in (bool[])[true, false])
            {
                var policy = new RetryPolicy { Delay = s_second, MaxDelay = limit, Backoff = backoff, UseJitter = jitter, MaxAttempts = 1_000_000 };
                Delays(policy, 2000).ShouldAllBe(delay => delay >= 0 && delay <= 5);
            }
        }
    }

    [ThreadFact]
    public void After_very_many_attempts_the_delay_is_the_longest_and_never_none()
    {
        var limit = TimeSpan.FromSeconds(5);
        foreach (double random in (double[])[0, 0.5, 0.999])
        {
            var policy = new RetryPolicy { Delay = s_second, MaxDelay = limit, MaxAttempts = 1_000_000, Random = () => random };
            Delays(policy, 2000).Skip(10).ShouldAllBe(delay => delay == 5);
        }
    }

    [ThreadFact]
    public void No_delay_at_all_is_one_of_the_choices()
    {
        Delays(new() { Delay = TimeSpan.Zero }, 3).ShouldBe([0, 0, 0]);
        Delays(new() { MaxDelay = TimeSpan.Zero }, 3).ShouldBe([0, 0, 0]);
    }

    [ThreadFact]
    public void Attempts_and_errors_decide_whether_there_is_another()
    {
        var policy = new RetryPolicy { MaxAttempts = 3, RetryOn = static error => error is FormatException };
        policy.Allows(1, new FormatException()).ShouldBeTrue();
        policy.Allows(2, new FormatException()).ShouldBeTrue();
        policy.Allows(3, new FormatException()).ShouldBeFalse();
        policy.Allows(1, new InvalidOperationException()).ShouldBeFalse();
        new RetryPolicy().Allows(2, new InvalidOperationException()).ShouldBeTrue();
    }

    [ThreadFact]
    public void Bad_values_are_refused_with_their_name()
    {
        Should.Throw<ArgumentOutOfRangeException>(static () => new RetryPolicy { MaxAttempts = 0 }).ParamName.ShouldBe("MaxAttempts");
        Should.Throw<ArgumentOutOfRangeException>(static () => new RetryPolicy { MaxAttempts = 1_000_001 }).ParamName.ShouldBe("MaxAttempts");
        Should.Throw<ArgumentOutOfRangeException>(static () => new RetryPolicy { Delay = TimeSpan.FromTicks(-1) }).ParamName.ShouldBe("Delay");
        Should.Throw<ArgumentOutOfRangeException>(static () => new RetryPolicy { MaxDelay = TimeSpan.FromTicks(-1) }).ParamName.ShouldBe("MaxDelay");
    }

    private static double[] Delays(RetryPolicy policy, int count)
    {
        double state = 0;
        return [.. Enumerable.Range(1, count).Select(attempt => policy.DelayAfter(attempt, ref state).TotalSeconds)];
    }
}
