using Samovar.Diagnostics.Inspection;
using Samovar.Executors.Mapping;

namespace Samovar.Tests.Executors.Mapping;

/// <summary>The parts of <see cref="MapProgress"/>: rate, time of workers, texts of items; and what it does beyond the contract.</summary>
public sealed class MapProgressTests
{
    private readonly ManualTimeProvider _time = new();

    [ThreadFact]
    public void The_rate_is_that_of_the_last_ten_seconds()
    {
        var rate = new RateWindow(_time, _time.GetTimestamp());
        Run(10, seconds: 30);
        rate.PerSecond(_time.GetTimestamp()).ShouldBe(10, 0.3);
        Run(40, seconds: 10);
        rate.PerSecond(_time.GetTimestamp()).ShouldBe(40, 1);

        void Run(int perSecond, int seconds)
        {
            for (int i = 0; i < seconds * 4; i++)
            {
                _time.Advance(TimeSpan.FromSeconds(0.25));
                rate.Add(perSecond / 4, _time.GetTimestamp());
                if (perSecond % 4 != 0 && i % 2 == 1) rate.Add(1, _time.GetTimestamp());
            }
        }
    }

    [ThreadFact]
    public void The_rate_of_items_that_take_minutes_does_not_fall_to_zero_between_them()
    {
        var rate = new RateWindow(_time, _time.GetTimestamp());
        for (int i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            rate.Add(1, _time.GetTimestamp());
        }

        _time.Advance(TimeSpan.FromSeconds(50));
        (rate.PerSecond(_time.GetTimestamp()) * 60).ShouldBeInRange(0.95, 1);
    }

    [ThreadFact]
    public void Tasks_that_overlap_count_once_in_the_time_of_their_worker()
    {
        var busy = new BusyTime();
        busy.Add(10, 20);
        busy.Add(15, 25); // overlaps
        busy.Add(30, 40);
        busy.Add(0, 5); // late
        busy.Add(12, 13); // inside
        busy.Sum().ShouldBe(5 + 15 + 10);
        busy.Add(0, 50); // over all
        busy.Sum().ShouldBe(50);
        for (int i = 0; i < 1_000; i++) busy.Add(100 + (i * 10), 101 + (i * 10));
        busy.Sum().ShouldBe(1_050);
    }

    [ThreadFact]
    public void The_text_of_an_item_is_short_has_one_line_and_never_throws()
    {
        ItemText.Of(null, null).ShouldBe("null");
        ItemText.Of(1.5, null).ShouldBe("1.5");
        ItemText.Of("a\nb\t", null).ShouldBe("a b ");
        ItemText.Of(new string('x', 101), null).ShouldBe(new string('x', 99) + "…");
        ItemText.Of(new string('x', 98) + "🫖🫖", null).ShouldBe(new string('x', 98) + "…");
        ItemText.Of(new Unruly(), null).ShouldBe("(Unruly, whose description threw FormatException)");
        ItemText.Of(7, static _ => throw new FormatException()).ShouldBe("(Int32, whose description threw FormatException)");
        ItemText.Of(7, static _ => null).ShouldBe("");
    }

    [ThreadFact]
    public void Only_the_slowest_items_are_kept()
    {
        var slowest = new SlowestItems(3);
        foreach (int seconds in (int[])[5, 1, 9, 3, 7, 2, 9])
        {
            var took = TimeSpan.FromSeconds(seconds);
            if (slowest.WouldKeep(took)) slowest.Add(new MeasuredItem(seconds, took, "", null));
        }

        slowest.ToList().Select(static item => item.Index).ShouldBe([9, 9, 7]);
        slowest.WouldKeep(TimeSpan.FromSeconds(7)).ShouldBeFalse();
        new SlowestItems(0).WouldKeep(TimeSpan.MaxValue).ShouldBeFalse();
    }

    [ThreadFact]
    public async Task Of_items_that_share_a_batch_the_slowest_is_found()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = _time });
        var progress = new MapProgress { KeptSlowestItems = 1 };
        Gate occupied = new(), release = new();
        _ = executor.Submit(() =>
        {
            occupied.Open();
            release.Pass();
        });
        await occupied.PassAsync();
        var loop = executor.Map(Enumerable.Range(0, 20), Work, new() { BatchSize = 10, MaxInFlight = 20, TotalProgress = progress }).CountAsync().AsTask();
        await TestTimeout.UntilAsync(() => executor.GetStatistics().Submitted >= 3);
        release.Open();
        (await loop).ShouldBe(20);
        progress.GetSnapshot().SlowestItems.ShouldHaveSingleItem().ShouldBe(new SlowMapItem(13, TimeSpan.FromMicroseconds(50), "13", $"{executor.Name} #1"));

        int Work(int i)
        {
            _time.Advance(TimeSpan.FromMicroseconds(i == 13 ? 50 : 1));
            return i;
        }
    }

    [ThreadFact]
    public async Task Insights_have_the_shares_of_each_worker()
    {
        var progress = new MapProgress { Name = "cups" };
        _time.Advance(TimeSpan.FromSeconds(1)); // the clock of the tests starts at 0, which means "not yet"
        await using var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = _time, Initializer = () => _time.Advance(TimeSpan.FromSeconds(2)) });
        await executor.ForEachAsync(Source(), _ => _time.Advance(TimeSpan.FromSeconds(3)), new() { TotalProgress = progress, MaxInFlight = 1 });

        var insights = progress.GetInsights();
        var worker = insights.Workers.ShouldHaveSingleItem();
        (worker.Items, worker.Start, worker.Init, worker.Working, worker.Exit).ShouldBe((2, TimeSpan.Zero, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(6), TimeSpan.Zero));
        insights.Total.ShouldBe(TimeSpan.FromSeconds(8) + worker.Waiting);
        string text = insights.ToString();
        text.ShouldStartWith("cups: 2, ");
        text.ShouldMatch(@"\n +total +share +mean and deviation of 1 worker\r?\n");
        text.ShouldMatch(@"\ninit +2\.000 s +2\d\.\d % +2\.000 s ± 0\.000 s\r?\n");
        text.ShouldMatch(@"\nworking +6\.000 s +7\d\.\d % +6\.000 s ± 0\.000 s\r?\n");
        text.ShouldMatch(@"\nslowest +3\.000 s +item 0: 0\r?\n +3\.000 s +item 1: 1$");

        static IEnumerable<int> Source()
        {
            yield return 0;
            yield return 1;
        }
    }

    [ThreadFact]
    public void Workers_of_two_nodes_with_the_same_number_are_two_workers()
    {
        var details = new MapDetails(_time, slowest: 0);
        long began = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(4));
        long now = _time.GetTimestamp();
        details.Add(new WorkerIdentity(1, "cluster north #1"), began, now, items: 3);
        details.Add(new WorkerIdentity(1, "cluster south #1"), now - (_time.TimestampFrequency * 1), now, items: 1);

        details.Workers([], began, now).Select(static worker => (worker.Name, worker.Items, worker.Working, worker.Waiting)).ShouldBe(
        [
            ("cluster north #1", 3L, TimeSpan.FromSeconds(4), TimeSpan.Zero),
            ("cluster south #1", 1L, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)),
        ]);
    }

    [ThreadFact]
    public async Task A_source_whose_count_throws_or_is_wrong_does_not_fail_the_map()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        var progress = new MapProgress();
        (await executor.Map(new Miscounted(() => throw new FormatException()), static i => i, new() { TotalProgress = progress }).CountAsync()).ShouldBe(2);
        progress.GetSnapshot().Total.ShouldBeNull();

        var wrong = new MapProgress();
        (await executor.Map(new Miscounted(static () => 1), static i => i, new() { TotalProgress = wrong }).CountAsync()).ShouldBe(2);
        (wrong.GetSnapshot().Completed, wrong.GetSnapshot().Total, wrong.GetSnapshot().EstimatedRemaining).ShouldBe((2, null, null));
    }

    [ThreadFact]
    public void Options_out_of_range_are_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(static () => new MapProgress { Total = -1 });
        Should.Throw<ArgumentOutOfRangeException>(static () => new MapProgress { KeptSlowestItems = -1 });
        Should.Throw<ArgumentOutOfRangeException>(static () => new MapProgress { KeptSlowestItems = 1_001 });
        Should.Throw<ArgumentOutOfRangeException>(static () => new MapProgress { Interval = TimeSpan.FromTicks(-1) });
    }

    [ThreadFact]
    public void A_snapshot_is_one_line()
    {
        var snapshot = new MapProgressSnapshot
        {
            Name = "images",
            Total = 400,
            Succeeded = 117,
            Failed = 3,
            Canceled = 0,
            Running = 8,
            Retries = 0,
            IsRunning = true,
            Elapsed = TimeSpan.FromSeconds(9.7),
            Rate = 12.3,
            EstimatedRemaining = TimeSpan.FromSeconds(22.5),
        };
        $"{snapshot}".ShouldBe("images: 120 of 400 (30 %), 3 failed, 8 running, 12/s, 00:00:23 left");
        $"{snapshot with { Name = null, Total = null, Running = 0, IsRunning = false, EstimatedRemaining = null, Rate = 1.24 }}".ShouldBe("120, 3 failed, 1.2/s, 9.7 s");
        $"{new MapProgress()}".ShouldBe("0, 0/s");
    }

    private sealed class Unruly
    {
        public override string ToString() => throw new FormatException();
    }

    private sealed class Miscounted(Func<int> count) : IReadOnlyCollection<int>, ICollection<int>
    {
        public int Count => count();

        public bool IsReadOnly => true;

        public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)[1, 2]).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

        public void Add(int item) => throw new NotSupportedException();

        public void Clear() => throw new NotSupportedException();

        public bool Contains(int item) => throw new NotSupportedException();

        public void CopyTo(int[] array, int arrayIndex) => throw new NotSupportedException();

        public bool Remove(int item) => throw new NotSupportedException();
    }
}
