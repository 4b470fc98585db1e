using Samovar.Primitives;

namespace Samovar.Tests.Primitives;

public sealed class SpinPolicyTests
{
    [ThreadFact]
    public void Two_cores_spin_for_about_a_microsecond_and_no_longer()
    {
        new SpinPolicy(2).LongSpinners.ShouldBe(0);
        new SpinPolicy(8).LongSpinners.ShouldBe(2);
        int looks = 0;
        new SpinPolicy(2).SpinUntil(() => ++looks < 0).ShouldBeFalse();
        looks.ShouldBe(SpinPolicy.ShortSpinLooks);
        new SpinPolicy(1).SpinUntil(() => true).ShouldBeFalse();
    }

    [ThreadFact]
    public void A_wait_for_a_thread_spins_only_where_that_thread_has_a_core_and_not_for_good()
    {
        int pauses = 0;
        while (SpinPolicy.TrySpinBeforeBlocking(ref pauses)) pauses.ShouldBeLessThan(100);

        (pauses == 0).ShouldBe(Environment.ProcessorCount == 1);
    }

    [ThreadFact]
    public void A_wait_in_vain_is_a_failure_in_the_history_of_its_place_and_one_that_needs_no_long_spin_is_nothing()
    {
        var policy = new SpinPolicy(2);
        var history = SpinHistory.OfSignal;

        policy.SpinUntil(0, static _ => true, ref history).ShouldBeTrue();
        history.TryBegin().ShouldBeTrue();
        policy.SpinUntil(0, static _ => false, ref history).ShouldBeFalse();
        history.TryBegin().ShouldBeFalse();
        history.TryBegin().ShouldBeTrue();
    }

    [ThreadFact]
    public void At_a_signal_each_failure_in_a_row_has_twice_as_many_waits_and_one_more_skip_the_long_spin()
    {
        var history = SpinHistory.OfSignal;
        int[] skipped = [.. Enumerable.Range(0, 10).Select(_ => SkippedAfterFailure(ref history))];
        skipped.ShouldBe([1, 3, 7, 15, 31, 63, 127, 255, 255, 255]);

        history.Settle(succeeded: true);
        history.TryBegin().ShouldBeTrue();
        SkippedAfterFailure(ref history).ShouldBe(1);
    }

    [ThreadFact]
    public void A_sleep_that_a_long_spin_would_have_spared_ends_the_skipping()
    {
        var history = SpinHistory.OfSignal;
        history.Settle(succeeded: false);
        history.Settle(succeeded: false);

        history.Slept(SpinPolicy.WatchedSpin);
        history.TryBegin().ShouldBeFalse();
        history.Slept(SpinPolicy.WatchedSpin / 2);
        history.TryBegin().ShouldBeTrue();
        SkippedAfterFailure(ref history).ShouldBe(7, "the failures are remembered");
    }

    [ThreadFact]
    public void Callers_try_until_four_of_them_fail_in_a_row_and_one_of_256_after_that()
    {
        var history = SpinHistory.OfCallers;
        int[] skipped = [.. Enumerable.Range(0, 3).Select(_ => SkippedAfterFailure(ref history))];
        skipped.ShouldBe([0, 0, 0]);
        history.Withdraw();
        history.TryBegin().ShouldBeTrue("nothing is skipped yet");

        SkippedAfterFailure(ref history).ShouldBe(255);
        SkippedAfterFailure(ref history).ShouldBe(255);
        history.Withdraw();
        Skipped(ref history).ShouldBe(255, "the try counts although it was not made");

        history.Settle(succeeded: true);
        SkippedAfterFailure(ref history).ShouldBe(0);
    }

    [ThreadFact]
    public void An_asynchronous_sleep_that_a_long_spin_may_have_spared_halves_the_waits_that_are_left_to_skip()
    {
        var history = SpinHistory.OfSignal;
        for (int i = 0; i < 3; i++) history.Settle(succeeded: false);

        history.SleptAsynchronously(2 * SpinPolicy.WatchedSpin);
        history.SleptAsynchronously(2 * SpinPolicy.WatchedSpin - TimeSpan.FromTicks(1));
        Skipped(ref history).ShouldBe(3);
    }

    [ThreadFact]
    public void Asynchronous_waits_skip_the_long_spin_until_short_waits_have_shown_that_it_pays()
    {
        var policy = new SpinPolicy(2);
        var history = SpinHistory.OfAsynchronousWaits;
        int looks = 0;
        policy.SpinAsynchronously(0, _ => ++looks < 0, ref history).ShouldBeFalse();
        looks.ShouldBe(SpinPolicy.ShortSpinLooks);

        for (int i = 0; i < 8; i++) history.SleptAsynchronously(SpinPolicy.WatchedSpin);
        looks = 0;
        policy.SpinAsynchronously(0, _ => ++looks > SpinPolicy.ShortSpinLooks, ref history).ShouldBeTrue();

        new SpinPolicy(1).SpinAsynchronously(0, static _ => true, ref history).ShouldBeFalse();
    }

    private static int SkippedAfterFailure(ref SpinHistory history)
    {
        history.Settle(succeeded: false);
        return Skipped(ref history);
    }

    private static int Skipped(ref SpinHistory history)
    {
        int skipped = 0;
        while (!history.TryBegin()) skipped++;
        return skipped;
    }
}
