using Samovar.Diagnostics.Recording;
using Samovar.Diagnostics.Watching.Advising;

namespace Samovar.Tests.Diagnostics.Watching.Advising;

/// <summary>When advice appears and disappears, and over which times it is computed.</summary>
public sealed class AdviceFilterTests
{
    private readonly AdviceFilter _filter = new(new AdviceLimits());

    [ThreadFact]
    public void Advice_appears_after_its_rule_has_applied_for_a_while_without_a_break()
    {
        Pass(0, "a").ShouldBeEmpty();
        Pass(2.9, "a").ShouldBeEmpty();
        Pass(3).ShouldBeEmpty();
        Pass(3.1, "a").ShouldBeEmpty();
        Pass(6, "a").ShouldBeEmpty();
        Pass(6.1, "a").ShouldBe(["a"]);
    }

    [ThreadFact]
    public void Advice_stays_while_its_rule_applies_now_and_then()
    {
        Pass(0, "a");
        Pass(3, "a").ShouldBe(["a"]);
        for (int second = 4; second < 60; second += 4)
        {
            Pass(second).ShouldBe(["a"]);
            Pass(second + 2, "a").ShouldBe(["a"]);
        }

        Pass(62.9).ShouldBe(["a"]);
        Pass(63).ShouldBeEmpty();
        Pass(64, "a").ShouldBeEmpty();
    }

    [ThreadFact]
    public void Figures_change_every_two_seconds()
    {
        Pass(0, "50 %");
        Pass(3, "60 %").ShouldBe(["60 %"]);
        Pass(4.9, "70 %").ShouldBe(["60 %"]);
        Pass(5, "80 %").ShouldBe(["80 %"]);
    }

    [ThreadFact]
    public void Errors_come_first_and_the_number_of_sentences_is_limited()
    {
        var advice = Enumerable.Range(0, 30).Select(static i => (new Advice("rule", i == 29 ? AdviceSeverity.Error : AdviceSeverity.Info, $"{i}") { Executor = i }, true));

        _filter.Pass(TimeSpan.Zero, advice).Select(static one => one.Text).ShouldBe(["29", .. Enumerable.Range(0, 11).Select(static i => $"{i}")]);
    }

    [ThreadFact]
    public void A_minute_ago_is_at_most_one_step_more_than_a_minute()
    {
        var history = new AdviceHistory();
        var stream = new PictureStream();
        var picture = new Samovar.Diagnostics.Watching.Picture
        {
            Number = 1,
            At = DateTimeOffset.UnixEpoch,
            Since = PictureStream.Interval,
            Process = stream.Process,
            Executors = [stream.Executor.Show()],
        };
        for (int i = 0; i < 1_000; i++) history.Add(picture);

        (history.Now!.Elapsed - history.MinuteAgo.Elapsed).ShouldBeInRange(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(65));
        (history.Now.Elapsed - history.Recent.Elapsed).ShouldBeInRange(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));
    }

    [ThreadFact]
    public void The_values_of_a_histogram_since_an_earlier_copy_are_the_new_ones()
    {
        var histogram = new TimeHistogram();
        histogram.Add(TimeSpan.FromSeconds(1));
        var earlier = histogram.Copy();
        histogram.Add(TimeSpan.FromMilliseconds(2));

        var rest = histogram.Since(earlier);
        rest.Count.ShouldBe(1);
        rest.Sum.ShouldBe(TimeSpan.FromMilliseconds(2));
        rest.Percentile(0.5).TotalMilliseconds.ShouldBeInRange(2, 2.5);
        rest.Add(earlier);
        rest.Sum.ShouldBe(histogram.Sum);
        rest.Buckets().ShouldBe(histogram.Buckets());
    }

    private IEnumerable<string> Pass(double seconds, params string[] found) =>
        _filter.Pass(TimeSpan.FromSeconds(seconds), found.Select(static text => (new Advice("rule", AdviceSeverity.Info, text), false))).Select(static advice => advice.Text);
}
