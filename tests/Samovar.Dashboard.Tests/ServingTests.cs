using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Samovar.Diagnostics.Recording;

namespace Samovar.Dashboard.Tests;

/// <summary>What a dashboard serves of the executors of this process.</summary>
[Collection(nameof(DashboardProgram))]
public sealed class ServingTests
{
    [ThreadFact]
    public async Task The_counts_of_a_picture_are_those_of_the_executor()
    {
        await using var executor = new ThreadExecutor(new() { Name = "served", Workers = 2 });
        await using var program = await DashboardProgram.StartAsync();
        using var browser = await program.OpenAsync();
        using var events = await browser.EventsAsync();
        var hello = await events.UntilAsync("hello");
        for (int i = 0; i < 5; i++) await executor.Submit(static () => 1);
        await executor.Submit(static () => throw new FormatException("spilt")).EndedAsync();

        var picture = await events.UntilAsync("picture", static picture => Find(picture, "served") is { } shown && shown.GetProperty("failed").GetInt32() == 1);

        var statistics = executor.GetStatistics();
        var served = Find(picture, "served")!.Value;
        served.GetProperty("submitted").GetInt64().ShouldBe(statistics.Submitted);
        served.GetProperty("succeeded").GetInt64().ShouldBe(statistics.Succeeded);
        served.GetProperty("failed").GetInt64().ShouldBe(statistics.Failed);
        hello.GetProperty("pid").GetInt32().ShouldBe(Environment.ProcessId);
        hello.GetProperty("commands").GetBoolean().ShouldBeFalse();
    }

    [ThreadFact]
    public async Task A_filter_finds_a_failed_task_by_its_text()
    {
        await using var executor = new ThreadExecutor(new() { Name = "filtered", Workers = 1 });
        await using var program = await DashboardProgram.StartAsync();
        using var browser = await program.OpenAsync();
        using var events = await browser.EventsAsync();
        await events.UntilAsync("picture");
        for (int i = 0; i < 3; i++) await executor.Submit(static () => 1);
        await executor.Submit(static () => throw new FormatException("no such kettle"), new TaskOptions { Name = "pour" }).EndedAsync();

        var reply = await browser.AskAsync(new { what = "tasks", text = "KETTLE" });

        reply.Status.ShouldBe(HttpStatusCode.OK, reply.Text);
        reply.Headers["Content-Type"].ShouldBe("application/json");
        var task = reply.Json.GetProperty("tasks").EnumerateArray().Single();
        task.GetProperty("name").GetString().ShouldBe("pour");
        task.GetProperty("state").GetString().ShouldBe("failed");
    }

    [ThreadFact]
    public async Task With_AllowCommands_a_viewer_can_cancel_a_task()
    {
        await using var executor = new ThreadExecutor(new() { Name = "commanded", Workers = 1 });
        await using var program = await DashboardProgram.StartAsync(static options => options with { AllowCommands = true });
        var task = executor.Submit(static token => { token.WaitHandle.WaitOne(); token.ThrowIfCancellationRequested(); });
        using var browser = await program.OpenAsync();
        using var events = await browser.EventsAsync();
        var running = await RunningAsync(events, "commanded");

        var reply = await browser.AskAsync(new { what = "cancel", executor = running.Executor, id = running.Id });

        reply.Status.ShouldBe(HttpStatusCode.OK, reply.Text);
        reply.Json.GetProperty("done").GetBoolean().ShouldBeTrue();
        await task.EndedAsync();
        task.State.ShouldBe(FutureState.Canceled);
    }

    [ThreadFact]
    public async Task With_AllowCommands_a_viewer_can_retry_a_failed_task()
    {
        await using var executor = new ThreadExecutor(new() { Name = "retried", Workers = 1 });
        await using var program = await DashboardProgram.StartAsync(static options => options with { AllowCommands = true });
        using var browser = await program.OpenAsync();
        using var events = await browser.EventsAsync();
        await events.UntilAsync("picture");
        int runs = 0;
        var task = executor.Submit(() => ++runs == 1 ? throw new FormatException("spilt") : runs);
        await task.EndedAsync();
        var picture = await events.UntilAsync("picture", static picture => Find(picture, "retried")?.GetProperty("failed").GetInt64() == 1);
        int number = Find(picture, "retried")!.Value.GetProperty("id").GetInt32();

        var reply = await browser.AskAsync(new { what = "retry", executor = number, id = 1 });

        reply.Status.ShouldBe(HttpStatusCode.OK, reply.Text);
        reply.Json.GetProperty("tasks")[0].GetInt64().ShouldBe(2);
        await events.UntilAsync("picture", static picture => Find(picture, "retried")?.GetProperty("succeeded").GetInt64() == 1);
        var failures = await browser.AskAsync(new { what = "failures" });
        failures.Json.GetProperty("groups").EnumerateArray().Single(group => group.GetProperty("executor").GetInt32() == number).GetProperty("retried").GetInt32().ShouldBe(1);
        task.State.ShouldBe(FutureState.Failed);
    }

    [ThreadTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Arguments_are_shown_only_with_ShowArguments(bool shows)
    {
        await using var executor = new ThreadExecutor(new() { Name = "argued", Workers = 1 });
        await using var program = await DashboardProgram.StartAsync(options => shows ? options with { ShowArguments = true } : options);
        using var browser = await program.OpenAsync();
        using var events = await browser.EventsAsync();
        await events.UntilAsync("picture");
        await PourAsync(executor, "no milk");
        var picture = await events.UntilAsync("picture", static picture => Find(picture, "argued")?.GetProperty("failed").GetInt64() == 1);
        int number = Find(picture, "argued")!.Value.GetProperty("id").GetInt32();

        var reply = await browser.AskAsync(new { what = "task", executor = number, id = 1 });
        var failures = await browser.AskAsync(new { what = "failures" });

        reply.Text.Contains("no milk", StringComparison.Ordinal).ShouldBe(shows, reply.Text);
        failures.Text.Contains("no milk", StringComparison.Ordinal).ShouldBe(shows, failures.Text);
    }

    [ThreadTheory]
    [InlineData("cancel")]
    [InlineData("kill")]
    [InlineData("retry")]
    [InlineData("retire")]
    [InlineData("settle")]
    [InlineData("a command of a later version")]
    public async Task Without_AllowCommands_commands_are_refused(string what)
    {
        await using var executor = new ThreadExecutor(new() { Name = "protected", Workers = 1 });
        using var gate = new ManualResetEventSlim();
        await using var program = await DashboardProgram.StartAsync();
        var task = executor.Submit(token => gate.Wait(token));
        using var browser = await program.OpenAsync();
        using var events = await browser.EventsAsync();
        var running = await RunningAsync(events, "protected");

        var reply = await browser.AskAsync(new { what, executor = running.Executor, id = running.Id, worker = 1 });

        reply.Status.ShouldBe(HttpStatusCode.Forbidden);
        reply.Json.GetProperty("error").GetString()!.ShouldContain("AllowCommands");
        gate.Set();
        await task;
    }

    [ThreadTheory]
    [InlineData("cluster")]
    [InlineData("letters")]
    [InlineData("primitives")]
    public async Task Without_AllowCommands_requests_that_only_read_are_answered(string what)
    {
        await using var program = await DashboardProgram.StartAsync();
        using var browser = await program.OpenAsync();
        using var events = await browser.EventsAsync();
        await events.UntilAsync("hello");

        var reply = await browser.AskAsync(new { what, member = 0 });

        reply.Status.ShouldBe(HttpStatusCode.OK, reply.Text);
        (reply.Json.TryGetProperty("primitives", out _) || reply.Json.GetProperty("error").GetString() == "There is no member 0 of a cluster in this program.").ShouldBeTrue(reply.Text);
    }

    [ThreadTheory]
    [InlineData("", HttpStatusCode.BadRequest)]
    [InlineData("[1]", HttpStatusCode.BadRequest)]
    [InlineData("""{"what":7}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"what":"tasks" """, HttpStatusCode.BadRequest)]
    public async Task A_malformed_request_is_refused(string body, HttpStatusCode status)
    {
        await using var program = await DashboardProgram.StartAsync();
        using var browser = await program.OpenAsync();

        (await browser.PostAsync("api/ask", body)).Status.ShouldBe(status);
        (await browser.PostAsync("api/ask", $$"""{"what":"tasks","text":"{{new string('x', 20_000)}}"}""")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [ThreadFact]
    public async Task One_hundred_viewers_share_one_watch()
    {
        await using var executor = new ThreadExecutor(new() { Name = "popular", Workers = 1 });
        await using var program = await DashboardProgram.StartAsync();
        using var browser = await program.OpenAsync();
        var streams = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => browser.EventsAsync()));
        try
        {
            await executor.Submit(static () => 1);
            var pictures = await Task.WhenAll(streams.Select(static events =>
                events.UntilAsync("picture", static picture => Find(picture, "popular")?.GetProperty("succeeded").GetInt64() == 1)));
            pictures.Length.ShouldBe(100);
            Watchers().ShouldBe(1);
        }
        finally
        {
            foreach (var events in streams) events.Dispose();
        }
    }

    [ThreadFact]
    public async Task A_viewer_that_does_not_read_does_not_delay_another_one()
    {
        await using var executor = new ThreadExecutor(new() { Name = "unread", Workers = 1 });
        await using var program = await DashboardProgram.StartAsync(static options => options with { Rate = 20 }, static group => group.AllowAnonymous());
        using var silent = new TcpClient { ReceiveBufferSize = 1_024 };
        await silent.ConnectAsync(IPAddress.Loopback, program.Root.Port);
        await silent.GetStream().WriteAsync("GET /samovar/events HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        using var browser = program.Stranger();
        using var events = await browser.EventsAsync();

        for (int i = 1; i <= 20; i++)
        {
            await executor.Submit(static () => 1);
            int count = i;
            await events.UntilAsync("picture", picture => Find(picture, "unread")?.GetProperty("succeeded").GetInt64() == count);
        }
    }

    [ThreadFact]
    public async Task The_program_stops_while_a_viewer_is_connected()
    {
        await using var program = await DashboardProgram.StartAsync();
        using var browser = await program.OpenAsync();
        using var events = await browser.EventsAsync();
        await events.UntilAsync("picture");

        await program.StopAsync().WaitAsync(TestTimeout.Wait);

        await TestTimeout.UntilAsync(static () => !TaskRecorder.IsOn);
    }

    [ThreadFact]
    public async Task The_rate_is_that_of_the_options()
    {
        await using var program = await DashboardProgram.StartAsync(static options => options with { Rate = 1 });
        using var browser = await program.OpenAsync();
        using var events = await browser.EventsAsync();

        double first = (await events.UntilAsync("picture")).GetProperty("at").GetDouble();
        double second = (await events.UntilAsync("picture")).GetProperty("at").GetDouble();

        (second - first).ShouldBeGreaterThan(900);
    }

    [ThreadFact]
    public async Task The_dashboard_works_below_another_path()
    {
        await using var program = await DashboardProgram.StartAsync(pipeline: static app => app.UsePathBase("/ops"));
        using var browser = new Browser(new Uri(program.Root, "ops/samovar/"));

        (await browser.GetAsync(program.Link!.Query)).Headers["Set-Cookie"].ShouldContain("path=/ops/samovar");
        (await browser.GetAsync("dashboard.js")).Status.ShouldBe(HttpStatusCode.OK);
        using var events = await browser.EventsAsync();
        await events.UntilAsync("picture");
    }

    private static Task PourAsync(ThreadExecutor executor, string what) => executor.Submit(() => throw new FormatException($"{what.Length} drops")).EndedAsync();

    private static int Watchers() =>
        (int)typeof(TaskRecorder).GetField("s_watchers", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!.GetValue(null)!;

    private static JsonElement? Find(JsonElement picture, string executor)
    {
        var found = picture.GetProperty("executors").EnumerateArray().FirstOrDefault(one => one.GetProperty("name").GetString() == executor);
        return found.ValueKind == JsonValueKind.Undefined ? null : found;
    }

    private static async Task<(int Executor, long Id)> RunningAsync(EventReader events, string executor)
    {
        var picture = await events.UntilAsync("picture", picture => Find(picture, executor) is { } shown && Running(picture, shown) is not null);
        int number = Find(picture, executor)!.Value.GetProperty("id").GetInt32();
        return (number, Running(picture, Find(picture, executor)!.Value)!.Value.GetProperty("id").GetInt64());
    }

    private static JsonElement? Running(JsonElement picture, JsonElement executor)
    {
        var found = picture.GetProperty("running").EnumerateArray().FirstOrDefault(one => one.GetProperty("executor").GetInt32() == executor.GetProperty("id").GetInt32());
        return found.ValueKind == JsonValueKind.Undefined ? null : found;
    }
}
