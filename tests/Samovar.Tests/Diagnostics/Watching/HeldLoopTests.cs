using System.Text.Json;

namespace Samovar.Tests.Diagnostics.Watching;

/// <summary>What a watcher sees of an event loop that a callback holds.</summary>
[Collection(nameof(Watcher))]
public sealed class HeldLoopTests
{
    [ThreadFact]
    public async Task A_picture_has_the_callback_that_holds_a_loop_and_for_how_long()
    {
        await using var loop = new EventLoop(new() { Name = "held" });
        using var gate = new ManualResetEventSlim();
        loop.Post(Knead, gate);
        await using var watcher = await Watcher.StartAsync();

        var worker = Workers(await watcher.PictureAsync(static picture => Workers(picture).Any(static one => one.TryGetProperty("heldBy", out _))))
            .First(static one => one.TryGetProperty("heldBy", out _));

        worker.GetProperty("heldBy").GetString().ShouldBe("HeldLoopTests.Knead");
        worker.GetProperty("held").GetDouble().ShouldBeGreaterThan(50);
        gate.Set();
        (await watcher.PictureAsync(static picture => !Workers(picture).Any(static one => one.TryGetProperty("heldBy", out _)))).ValueKind.ShouldBe(JsonValueKind.Object);
    }

    private static void Knead(object? gate) => ((ManualResetEventSlim)gate!).Wait();

    private static IEnumerable<JsonElement> Workers(JsonElement picture) =>
        picture.GetProperty("executors").EnumerateArray().Where(static one => one.GetProperty("name").GetString() == "held").Select(static one => one.GetProperty("id").GetInt32())
            .SelectMany(number => picture.GetProperty("workers").EnumerateArray().Where(worker => worker.GetProperty("executor").GetInt32() == number));
}
