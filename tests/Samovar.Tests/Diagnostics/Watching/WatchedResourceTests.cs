using System.Text.Json;

namespace Samovar.Tests.Diagnostics.Watching;

/// <summary>What a watcher gets of resources.</summary>
[Collection(nameof(Watcher))]
public sealed class WatchedResourceTests
{
    [ThreadFact]
    public async Task An_executor_with_resources_shows_what_is_in_use_and_how_many_tasks_wait()
    {
        await using var lab = new ThreadExecutor(new() { Name = "watched lab", Workers = 1, Resources = { ["gpu"] = 2, ["memory"] = 1 << 30 } });
        await using var plain = new ThreadExecutor(new() { Name = "watched plain", Workers = 1 });
        var release = new Gate();
        var holder = lab.Submit(release.Pass, new() { Requires = { ["gpu"] = 1.5 } });
        var waiting = lab.Submit(static () => { }, new() { Requires = { ["gpu"] = 1, ["memory"] = 1 } });
        await using var watcher = await Watcher.StartAsync();

        var picture = await watcher.PictureAsync(static picture => Executor(picture, "watched lab") is not null && Executor(picture, "watched plain") is not null);
        Executor(picture, "watched lab")!.Value.GetProperty("resources").GetRawText().ShouldBe(
            """[{"name":"gpu","total":2,"inUse":1.5,"waiting":1},{"name":"memory","total":1073741824,"inUse":0,"waiting":1}]""");
        Executor(picture, "watched plain")!.Value.TryGetProperty("resources", out _).ShouldBeFalse();
        release.Open();
        (await Futures.WaitAsync([holder, waiting], timeout: TestTimeout.Wait)).Pending.ShouldBeEmpty();
    }

    private static JsonElement? Executor(JsonElement picture, string name) =>
        picture.GetProperty("executors").EnumerateArray().Where(one => one.GetProperty("name").GetString() == name).Select(static one => (JsonElement?)one).FirstOrDefault();
}
