using System.Text.Json;
using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Recording;

namespace Samovar.Tests.Diagnostics.Watching;

/// <summary>What a watcher gets of maps.</summary>
[Collection(nameof(Watcher))]
public sealed class WatchedMapTests
{
    [ThreadFact]
    public async Task A_map_without_a_progress_is_shown_while_it_runs_and_after_it_has_ended()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 2 });
        Gate mayGoOn = new();
        var loop = executor.MapOutcomes(Enumerable.Range(0, 10).ToArray(), i => Work(i, mayGoOn), new() { Name = "watched map", BatchSize = 1, MaxInFlight = 10 }).ToListAsync().AsTask();
        await using var watcher = await Watcher.StartAsync();

        var running = Map(await watcher.PictureAsync(static picture => Map(picture) is { } map && map.GetProperty("done").GetInt64() == 9))!.Value;

        running.GetProperty("total").GetInt64().ShouldBe(10);
        running.GetProperty("failed").GetInt64().ShouldBe(1);
        running.GetProperty("running").GetInt64().ShouldBe(1);
        running.GetProperty("function").GetString()!.ShouldContain(nameof(WatchedMapTests));
        running.TryGetProperty("ended", out _).ShouldBeFalse();

        mayGoOn.Open();
        (await loop).Count.ShouldBe(10);
        var ended = Map(await watcher.PictureAsync(static picture => Map(picture) is { } map && map.TryGetProperty("ended", out _)))!.Value;
        ended.GetProperty("done").GetInt64().ShouldBe(10);
        ended.TryGetProperty("left", out _).ShouldBeFalse();
        ended.GetProperty("slowest").EnumerateArray().Any(static item => item.TryGetProperty("item", out _)).ShouldBeFalse("the text of items was not requested");
    }

    [ThreadFact]
    public async Task The_slowest_items_of_a_map_with_a_progress_are_described()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        await using var watcher = await Watcher.StartAsync(showsArguments: true);
        var progress = new MapProgress { Name = "watched map", Total = 3, DescribeItem = static item => $"cup {item}" };
        await executor.ForEachAsync(new[] { 1, 2, 3 }.ToAsyncEnumerable(), static i => { }, new() { BatchSize = 1, TotalProgress = progress });

        var map = Map(await watcher.PictureAsync(static picture => Map(picture) is { } map && map.TryGetProperty("ended", out _)))!.Value;

        map.GetProperty("total").GetInt64().ShouldBe(3);
        map.GetProperty("slowest").EnumerateArray().Select(static item => item.GetProperty("item").GetString()).Order().ShouldBe(["cup 1", "cup 2", "cup 3"]);
        map.GetProperty("run").GetProperty("count").GetInt64().ShouldBe(3);
    }

    [ThreadFact]
    public async Task A_watcher_that_does_not_request_arguments_does_not_get_the_texts_of_items()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        await using var watcher = await Watcher.StartAsync();
        var progress = new MapProgress { Name = "watched map", DescribeItem = static item => $"cup {item}" };
        await executor.ForEachAsync([1, 2, 3], static i => { }, new() { BatchSize = 1, TotalProgress = progress });

        var map = Map(await watcher.PictureAsync(static picture => Map(picture) is { } map && map.TryGetProperty("ended", out _)))!.Value;

        map.GetProperty("slowest").GetArrayLength().ShouldBe(3);
        map.GetProperty("slowest").EnumerateArray().Any(static item => item.TryGetProperty("item", out _)).ShouldBeFalse();
    }

    [ThreadFact]
    public void Without_watchers_a_map_that_has_ended_leaves_nothing()
    {
        var maps = new MapList();
        var time = new ManualTimeProvider();
        long number = maps.Add(new FakeMap());
        maps.Capture(time).ShouldHaveSingleItem();
        maps.Remove(number, null, time.GetTimestamp());
        maps.Capture(time).ShouldBeEmpty();
    }

    [ThreadFact]
    public void A_map_that_has_ended_is_kept_for_five_seconds()
    {
        var maps = new MapList();
        var time = new ManualTimeProvider();
        var map = new FakeMap();
        long number = maps.Add(map);
        maps.Remove(number, map.Capture(number), time.GetTimestamp());
        time.Advance(TimeSpan.FromSeconds(5));
        maps.Capture(time).ShouldHaveSingleItem();
        time.Advance(TimeSpan.FromSeconds(1));
        maps.Capture(time).ShouldBeEmpty();
    }

    [ThreadFact]
    public async Task An_enumeration_that_is_never_disposed_disappears()
    {
        var maps = new MapList();
        AddMany(maps);
        (await GcAssert.CollectUntilAsync(() => maps.Capture(TimeProvider.System).Count == 0)).ShouldBeTrue();

        static void AddMany(MapList maps)
        {
            for (int i = 0; i < 100; i++) maps.Add(new FakeMap());
        }
    }

    private static int Work(int i, Gate mayGoOn)
    {
        if (i == 4) throw new FormatException("spilt");
        if (i == 5) mayGoOn.Pass();
        return i;
    }

    private static JsonElement? Map(JsonElement picture)
    {
        foreach (var map in picture.GetProperty("maps").EnumerateArray())
        {
            if (map.TryGetProperty("name", out var name) && name.GetString() == "watched map") return map;
        }

        return null;
    }

    private sealed class FakeMap : IObservedMap
    {
        public MapActivity Capture(long number) => new()
        {
            Number = number,
            Function = "Kitchen.Brew",
            Succeeded = 1,
            Failed = 0,
            Canceled = 0,
            Running = 0,
            Elapsed = TimeSpan.Zero,
            Rate = 0,
            HasEnded = true,
            Times = new TimeHistogram(),
        };
    }
}
