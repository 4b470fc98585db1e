using System.Text.Json;
using Samovar.Diagnostics.Recording;
using Samovar.Diagnostics.Watching;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Diagnostics.Watching;

/// <summary>What a watcher of a process gets, and what it can do.</summary>
[Collection(nameof(Watcher))]
public sealed class WatchSessionTests
{
    [ThreadFact]
    public async Task The_counts_of_a_picture_are_those_of_the_executor()
    {
        await using var executor = new ThreadExecutor(new() { Name = "counted", Workers = 2 });
        await using var watcher = await Watcher.StartAsync();
        for (int i = 0; i < 8; i++) await executor.Submit(Brew);
        for (int i = 0; i < 2; i++) await executor.Submit(Spill).EndedAsync();

        var picture = await watcher.PictureAsync(static picture => Counted(picture, "counted") == 10);

        var shown = Watcher.Executor(picture, "counted")!.Value;
        shown.GetProperty("submitted").GetInt64().ShouldBe(10);
        shown.GetProperty("succeeded").GetInt64().ShouldBe(8);
        shown.GetProperty("failed").GetInt64().ShouldBe(2);
        shown.GetProperty("type").GetString().ShouldBe("thread");
        shown.GetProperty("recorded").GetInt64().ShouldBe(10);
        var number = shown.GetProperty("id").GetInt32();
        var brew = Functions(picture, number).Single(static function => function.GetProperty("function").GetString() == "WatchSessionTests.Brew");
        brew.GetProperty("count").GetInt32().ShouldBe(8);
        brew.GetProperty("run").GetProperty("count").GetInt32().ShouldBe(8);
        watcher.Hello.GetProperty("pid").GetInt32().ShouldBe(Environment.ProcessId);
    }

    [ThreadFact]
    public async Task Tasks_that_are_sent_to_a_process_have_the_time_of_their_shipping()
    {
        await using var executor = new ProcessExecutor(new() { Name = "shipped", Workers = 1 });
        await using var watcher = await Watcher.StartAsync();
        byte[] milk = new byte[3 << 20];
        for (int i = 0; i < 3; i++) (await executor.Submit(() => milk.Length)).ShouldBe(milk.Length);

        var picture = await watcher.PictureAsync(static picture => Counted(picture, "shipped") == 3);

        int number = Watcher.Executor(picture, "shipped")!.Value.GetProperty("id").GetInt32();
        var function = Functions(picture, number).Single();
        function.GetProperty("shipping").GetProperty("count").GetInt32().ShouldBe(3);
        function.GetProperty("shipping").GetProperty("sum").GetDouble().ShouldBeGreaterThan(0);
        function.GetProperty("sentBytes").GetInt64().ShouldBeInRange(3 * milk.Length, (3 * milk.Length) + 10_000);
        function.GetProperty("largest").GetString().ShouldBe("milk (byte[])");
        var text = await watcher.PictureAsync(static picture => picture.GetProperty("advice").EnumerateArray().Any(static advice => advice.GetProperty("rule").GetString() == "captured-data"));
        text.GetProperty("advice").EnumerateArray().First(static advice => advice.GetProperty("rule").GetString() == "captured-data").GetProperty("text").GetString()!.ShouldContain("captures 3 MB, most of it in milk (byte[])");
    }

    [ThreadFact]
    public async Task A_running_task_is_shown_and_a_watcher_with_commands_can_cancel_it()
    {
        await using var executor = new ThreadExecutor(new() { Name = "cancelled", Workers = 1 });
        var task = executor.Submit(static token => { token.WaitHandle.WaitOne(); token.ThrowIfCancellationRequested(); }, new TaskOptions { Name = "endless" });
        await using (var reader = await Watcher.StartAsync())
        {
            var refused = await reader.AskAsync("\"what\":\"cancel\",\"executor\":1,\"id\":1");
            refused.GetProperty("error").GetString()!.ShouldContain("may only read");
        }

        await using var watcher = await Watcher.StartAsync(allowsCommands: true);
        var picture = await watcher.PictureAsync(static picture => Running(picture, "endless") is not null);
        var running = Running(picture, "endless")!.Value;
        running.GetProperty("function").GetString().ShouldBe("WatchSessionTests.A_running_task_is_shown_and_a_watcher_with_commands_can_cancel_it, lambda");

        var reply = await watcher.AskAsync($"\"what\":\"cancel\",\"executor\":{running.GetProperty("executor").GetInt32()},\"id\":{running.GetProperty("id").GetInt64()}");

        reply.GetProperty("done").GetBoolean().ShouldBeTrue();
        await task.EndedAsync();
        task.State.ShouldBe(FutureState.Canceled);
    }

    [ThreadFact]
    public async Task Failures_are_grouped_and_the_list_of_tasks_finds_them_by_their_text()
    {
        await using var executor = new ThreadExecutor(new() { Name = "failing", Workers = 1 });
        await using var watcher = await Watcher.StartAsync();
        for (int i = 0; i < 3; i++) await executor.Submit(Spill).EndedAsync();
        await executor.Submit(Brew);
        var picture = await watcher.PictureAsync(static picture => Counted(picture, "failing") == 4);
        int number = Watcher.Executor(picture, "failing")!.Value.GetProperty("id").GetInt32();

        var failures = await watcher.AskAsync("\"what\":\"failures\",\"limit\":100");
        var tasks = await watcher.AskAsync($"\"what\":\"tasks\",\"executor\":{number},\"text\":\"SPILT\",\"limit\":2");
        var one = await watcher.AskAsync($"\"what\":\"task\",\"executor\":{number},\"id\":1");

        var group = failures.GetProperty("groups").EnumerateArray().Single(group => group.GetProperty("executor").GetInt32() == number);
        group.GetProperty("count").GetInt32().ShouldBe(3);
        group.GetProperty("type").GetString().ShouldBe("System.FormatException");
        group.GetProperty("frame").GetString()!.ShouldContain(nameof(Spill));
        tasks.GetProperty("total").GetInt32().ShouldBe(3);
        tasks.GetProperty("kept").GetInt32().ShouldBe(4);
        tasks.GetProperty("tasks").EnumerateArray().Select(static task => task.GetProperty("id").GetInt64()).ShouldBe([3, 2]);
        one.GetProperty("stack").GetString()!.ShouldContain(nameof(Spill));
    }

    [ThreadFact]
    public async Task A_request_that_is_no_document_ends_the_session()
    {
        var watcher = await Watcher.StartAsync();
        await watcher.SendAsync("what?\n");

        await watcher.Session;
        await watcher.DisposeAsync();
    }

    [ThreadFact]
    public async Task A_line_that_does_not_end_is_not_kept()
    {
        var watcher = await Watcher.StartAsync();
        await watcher.SendAsync(new string('x', 65 * 1024));

        await watcher.Session;
        await watcher.DisposeAsync();
    }

    [ThreadFact]
    public void A_response_that_fails_does_not_terminate_the_program()
    {
        using var connection = new MemoryStream();
        int calls = 0;

        InspectionSource.Respond(connection, _ =>
        {
            calls++;
            throw new InvalidOperationException("the message of an exception threw");
        });

        calls.ShouldBe(1); // it is the whole work of a thread: a throw would have ended this process
    }

    [ThreadFact]
    public async Task Successes_beyond_the_room_of_a_picture_are_counted_and_not_recorded()
    {
        var recorder = new TaskRecorder();
        int recorded = Enumerable.Range(0, TaskRecorder.Recent + 10).Count(_ => recorder.TakeRoom(AttemptOutcome.Succeeded));

        recorded.ShouldBe(TaskRecorder.Recent);
        recorder.TakeRoom(AttemptOutcome.Failed).ShouldBeTrue();
        recorder.Read(0, []).Skipped.ShouldBe(10);
        recorder.Refill();
        recorder.TakeRoom(AttemptOutcome.Succeeded).ShouldBeTrue();
        await Task.CompletedTask;
    }

    private static int Brew() => 1;

    private static void Spill() => throw new FormatException("spilt");

    private static long Counted(JsonElement picture, string name) =>
        Watcher.Executor(picture, name) is { } executor ? executor.GetProperty("recorded").GetInt64() : 0;

    private static IEnumerable<JsonElement> Functions(JsonElement picture, int executor) =>
        picture.GetProperty("functions").EnumerateArray().Where(function => function.GetProperty("executor").GetInt32() == executor);

    private static JsonElement? Running(JsonElement picture, string name)
    {
        foreach (var task in picture.GetProperty("running").EnumerateArray())
        {
            if (task.TryGetProperty("name", out var value) && value.GetString() == name) return task;
        }

        return null;
    }
}
