using Samovar.Diagnostics.Recording;
using Samovar.Diagnostics.Watching;

namespace Samovar.Tests.Diagnostics.Watching;

/// <summary>How attempts are counted, joined to bars, and kept.</summary>
public sealed class RecordingTests
{
    [ThreadTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(1_000)]
    [InlineData(123_456)]
    [InlineData(59_000_000)]
    public void A_percentile_is_at_most_a_quarter_too_large(long microseconds)
    {
        var histogram = new TimeHistogram();
        var value = TimeSpan.FromMicroseconds(microseconds);
        histogram.Add(value);
        histogram.Add(TimeSpan.FromHours(1));

        var median = histogram.Percentile(0.5);

        median.ShouldBeGreaterThanOrEqualTo(value);
        median.TotalMicroseconds.ShouldBeLessThanOrEqualTo((microseconds * 1.25) + 1);
        histogram.Percentile(1).ShouldBe(TimeSpan.FromHours(1));
        histogram.Buckets().Sum(static bucket => bucket.Count).ShouldBe(2);
    }

    [ThreadFact]
    public void Short_attempts_of_a_lane_become_one_bar_and_failures_keep_theirs()
    {
        var attempts = Enumerable.Range(0, 100).Select(static i => Attempt(i, i == 50 ? AttemptOutcome.Failed : AttemptOutcome.Succeeded, i, i + 1)).ToList();

        var bars = LaneBuilder.Build([(1, attempts)], most: 400, out int dropped);

        bars.Select(static bar => (bar.Count, bar.Outcome)).ShouldBe([(50, AttemptOutcome.Succeeded), (1, AttemptOutcome.Failed), (49, AttemptOutcome.Succeeded)]);
        dropped.ShouldBe(0);
    }

    [ThreadFact]
    public void Of_too_many_bars_the_shortest_successes_are_dropped_and_counted()
    {
        var attempts = Enumerable.Range(0, 100).Select(static i => Attempt(i, i == 0 ? AttemptOutcome.Crashed : AttemptOutcome.Succeeded, i * 1_000, (i * 1_000) + 10 + i)).ToList();

        var bars = LaneBuilder.Build([(1, attempts)], most: 10, out int dropped);

        bars.Count.ShouldBe(10);
        dropped.ShouldBe(90);
        bars[0].Outcome.ShouldBe(AttemptOutcome.Crashed);
        bars.Skip(1).Select(static bar => bar.Id).ShouldBe(Enumerable.Range(91, 9).Select(static i => (long)i));
    }

    [ThreadFact]
    public void A_ring_keeps_the_newest_values()
    {
        var ring = new RecordRing<int>(3);
        for (int i = 1; i <= 5; i++) ring.Add(i);

        ring.NewestFirst().ShouldBe([5, 4, 3]);
        Since(ring, 4).ShouldBe([5]);
        Since(ring, 5).ShouldBeEmpty();
        Since(ring, 0).ShouldBe([3, 4, 5]);
        Since(ring, 6).ShouldBe([3, 4, 5]); // another ring was seen
        ring.Added.ShouldBe(5);

        var larger = ring.WithCapacity(4);
        larger.Add(6);
        larger.NewestFirst().ShouldBe([6, 5, 4, 3]);
        larger.Added.ShouldBe(6);

        static List<int> Since(RecordRing<int> ring, long seen)
        {
            List<int> values = [];
            ring.CopySince(seen, values);
            return values;
        }
    }

    [ThreadFact]
    public void An_exception_whose_text_throws_is_recorded_by_its_type()
    {
        var error = RecordedError.Of("Odd", new OddException());

        error.Type.ShouldBe("Odd");
        error.Message.ShouldContain("cannot be read");
        error.Frame.ShouldBe("");
    }

    private static RecordedAttempt Attempt(long id, AttemptOutcome outcome, long fromMilliseconds, long toMilliseconds) => new()
    {
        Id = id,
        Function = "Kitchen.Brew",
        Worker = 1,
        Attempt = 1,
        Outcome = outcome,
        Began = fromMilliseconds * TimeSpan.TicksPerMillisecond,
        Ended = toMilliseconds * TimeSpan.TicksPerMillisecond,
    };

    private sealed class OddException : Exception
    {
        public override string Message => throw new InvalidOperationException("no");
    }
}
