using System.Text;
using System.Text.Json;
using Samovar.Dashboard.Standalone;
using Samovar.Dashboard.Watches;
using Samovar.Diagnostics.Recording;

namespace Samovar.Dashboard.Tests;

/// <summary>The watch that all viewers share.</summary>
[Collection(nameof(DashboardProgram))]
public sealed class WatchTests
{
    private const string Hello = """{"samovar":1,"pid":7,"program":"kettle"}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [ThreadFact]
    public async Task The_watch_stops_some_time_after_the_last_viewer_has_left()
    {
        var clock = new ManualTimeProvider();
        var watch = new ProgramWatch(new ThisProcess(20, allowsCommands: false), TimeSpan.FromMinutes(1), clock);
        watch.IsRunning.ShouldBeFalse();
        Viewer first = watch.TryJoin(8)!, second = watch.TryJoin(8)!;
        await NextAsync(first);
        TaskRecorder.IsOn.ShouldBeTrue();

        watch.Leave(first);
        clock.Advance(TimeSpan.FromMinutes(2));
        watch.IsRunning.ShouldBeTrue();
        watch.Leave(second);
        clock.Advance(TimeSpan.FromSeconds(59));
        watch.IsRunning.ShouldBeTrue();
        var third = watch.TryJoin(8)!;
        clock.Advance(TimeSpan.FromMinutes(2));
        watch.IsRunning.ShouldBeTrue();
        watch.Leave(third);
        clock.Advance(TimeSpan.FromMinutes(1));

        watch.IsRunning.ShouldBeFalse();
        await watch.WhenStoppedAsync().WaitAsync(TestTimeout.Wait);
        await TestTimeout.UntilAsync(static () => !TaskRecorder.IsOn);
        watch.Connections.ShouldBe(1);

        var fourth = watch.TryJoin(8)!;
        await NextAsync(fourth);
        watch.Connections.ShouldBe(2);
        watch.Stop();
        await watch.WhenStoppedAsync().WaitAsync(TestTimeout.Wait);
    }

    [ThreadFact]
    public async Task All_viewers_get_the_same_events_over_one_connection()
    {
        var program = new FakeProgram();
        var watch = new ProgramWatch(program, Timeout.InfiniteTimeSpan, TimeProvider.System);
        var viewers = Enumerable.Range(0, 100).Select(_ => watch.TryJoin(1_000)!).ToList();
        using var connection = await program.AcceptAsync();
        await FakeProgram.WriteAsync(connection, Hello, """{"picture":1}""");

        foreach (var viewer in viewers)
        {
            (await NextAsync(viewer)).ShouldBe("event: hello\ndata: " + Hello + "\n\n");
            (await NextAsync(viewer)).ShouldBe("event: picture\nid: 1\ndata: {\"picture\":1}\n\n");
        }

        var late = watch.TryJoin(1_000)!;
        (await NextAsync(late)).ShouldStartWith("event: hello\n");
        (await NextAsync(late)).ShouldStartWith("event: picture\nid: 1\n");
        watch.Connections.ShouldBe(1);
        watch.Stop();
        await watch.WhenStoppedAsync().WaitAsync(TestTimeout.Wait);
    }

    [ThreadFact]
    public void There_is_a_maximum_number_of_viewers()
    {
        var watch = new ProgramWatch(new FakeProgram(), Timeout.InfiniteTimeSpan, TimeProvider.System);

        watch.TryJoin(1).ShouldNotBeNull();
        watch.TryJoin(1).ShouldBeNull();
        watch.Viewers.ShouldBe(1);
        watch.Stop();
    }

    [ThreadFact]
    public void A_viewer_that_does_not_read_keeps_the_newest_events_only_and_knows_that_it_missed_a_hello()
    {
        var viewer = new Viewer();
        viewer.Add(ServerEvent.Hello(Encoding.UTF8.GetBytes(Hello)));
        for (int i = 1; i <= 1_000; i++) viewer.Add(ServerEvent.Picture(i, "{}"u8.ToArray()));

        var left = new List<ServerEvent>();
        while (viewer.Events.TryRead(out var next)) left.Add(next);

        left.Count.ShouldBe(Viewer.MostWaiting);
        Encoding.UTF8.GetString(left[^1].Bytes.Span).ShouldContain("id: 1000\n");
        viewer.TakeMissed().ShouldBeTrue();
        viewer.TakeMissed().ShouldBeFalse();
    }

    [ThreadFact]
    public async Task When_the_program_has_ended_viewers_keep_its_last_picture_and_get_how_it_ended()
    {
        var program = new FakeProgram();
        var watch = new ProgramWatch(program, TimeSpan.FromMinutes(1), TimeProvider.System);
        var viewer = watch.TryJoin(8)!;
        using (var connection = await program.AcceptAsync())
        {
            await FakeProgram.WriteAsync(connection, Hello, """{"picture":3}""", """{"end":9}""");
            program.End = "Process 7 was terminated by signal 9 (SIGKILL).";
        }

        await NextAsync(viewer);
        await NextAsync(viewer);
        string ended = await NextAsync(viewer);
        var late = watch.TryJoin(8)!;

        ended.ShouldStartWith("event: ended\ndata: {\"text\":\"Process 7 was terminated by signal 9 (SIGKILL).\"");
        program.SentExitCode.ShouldBe(9);
        (await NextAsync(late)).ShouldStartWith("event: hello\n");
        (await NextAsync(late)).ShouldStartWith("event: picture\nid: 3\n");
        (await NextAsync(late)).ShouldStartWith("event: ended\n");
        using var request = JsonDocument.Parse("""{"what":"tasks"}""");
        (await Should.ThrowAsync<IOException>(() => watch.AskAsync(request.RootElement, Token))).Message.ShouldBe(program.End);
        watch.IsRunning.ShouldBeFalse();
    }

    [ThreadFact]
    public async Task After_a_lost_connection_the_watch_connects_again()
    {
        var clock = new ManualTimeProvider();
        var program = new FakeProgram();
        var watch = new ProgramWatch(program, Timeout.InfiniteTimeSpan, clock);
        var viewer = watch.TryJoin(8)!;
        using (var connection = await program.AcceptAsync()) await FakeProgram.WriteAsync(connection, "no JSON");

        (await NextAsync(viewer)).ShouldStartWith("event: lost\ndata: {\"text\":\"The connection to the program was lost: a line is not valid JSON");
        await clock.WhenArmedAsync(TimeSpan.FromSeconds(1));
        clock.Advance(TimeSpan.FromSeconds(1));

        using var again = await program.AcceptAsync();
        await FakeProgram.WriteAsync(again, Hello);
        (await NextAsync(viewer)).ShouldStartWith("event: hello\n");
        watch.Stop();
        await watch.WhenStoppedAsync().WaitAsync(TestTimeout.Wait);
    }

    [ThreadFact]
    public async Task If_the_end_of_the_program_cannot_be_found_out_the_watch_goes_on()
    {
        var clock = new ManualTimeProvider();
        var program = new FakeProgram { EndError = new UnauthorizedAccessException("/proc is closed") };
        var watch = new ProgramWatch(program, Timeout.InfiniteTimeSpan, clock);
        var viewer = watch.TryJoin(8)!;
        using (await program.AcceptAsync())
        {
            // The connection ends at once.
        }

        (await NextAsync(viewer)).ShouldStartWith("event: lost\ndata: {\"text\":\"The connection to the program ended. Whether the program has exited is not known: /proc is closed\"");
        await clock.WhenArmedAsync(TimeSpan.FromSeconds(1));
        clock.Advance(TimeSpan.FromSeconds(1));
        using var again = await program.AcceptAsync();
        await FakeProgram.WriteAsync(again, Hello);
        (await NextAsync(viewer)).ShouldStartWith("event: hello\n");
        watch.Stop();
        await watch.WhenStoppedAsync().WaitAsync(TestTimeout.Wait);
    }

    [ThreadFact]
    public async Task Another_version_of_the_protocol_is_reported()
    {
        var program = new FakeProgram();
        var watch = new ProgramWatch(program, Timeout.InfiniteTimeSpan, new ManualTimeProvider());
        var viewer = watch.TryJoin(8)!;
        using var connection = await program.AcceptAsync();
        await FakeProgram.WriteAsync(connection, """{"samovar":2}""");

        (await NextAsync(viewer)).ShouldContain("version 2 of the protocol");
        watch.Stop();
    }

    [ThreadFact]
    public async Task Requests_get_the_reply_with_their_number()
    {
        var program = new FakeProgram();
        var watch = new ProgramWatch(program, Timeout.InfiniteTimeSpan, TimeProvider.System);
        using var request = JsonDocument.Parse("""{"what":"tasks","ask":99,"text":"a"}""");
        Task<byte[]> first = watch.AskAsync(request.RootElement, Token), second;
        using var connection = await program.AcceptAsync();
        using var lines = new StreamReader(connection);
        (await lines.ReadLineAsync().WaitAsync(TestTimeout.Wait)).ShouldBe("""{"ask":1,"what":"tasks","text":"a"}""");
        second = watch.AskAsync(request.RootElement, Token);
        (await lines.ReadLineAsync().WaitAsync(TestTimeout.Wait)).ShouldBe("""{"ask":2,"what":"tasks","text":"a"}""");

        await FakeProgram.WriteAsync(connection, """{"reply":2,"total":20}""", """{"reply":1,"total":10}""");

        Encoding.UTF8.GetString(await first.WaitAsync(TestTimeout.Wait)).ShouldBe("""{"reply":1,"total":10}""");
        Encoding.UTF8.GetString(await second.WaitAsync(TestTimeout.Wait)).ShouldBe("""{"reply":2,"total":20}""");
        var third = watch.AskAsync(request.RootElement, Token);
        await lines.ReadLineAsync().WaitAsync(TestTimeout.Wait);
        watch.Stop();
        (await Should.ThrowAsync<IOException>(() => third.WaitAsync(TestTimeout.Wait))).Message.ShouldBe("The connection to the program ended.");
    }

    [ThreadFact]
    public async Task The_server_of_the_tool_shows_another_program_with_a_link_that_works_once()
    {
        var program = new FakeProgram();
        await using var server = await DashboardServer.StartAsync(program, 0, allowsCommands: false, Token);
        using var connection = await program.AcceptAsync();
        await FakeProgram.WriteAsync(connection, Hello, """{"picture":1}""");
        var link = new Uri(server.Link);
        using Browser browser = new(new Uri(link, "/")), other = new(new Uri(link, "/"));

        link.Host.ShouldBe("127.0.0.1");
        (await browser.GetAsync(link.Query)).Status.ShouldBe(System.Net.HttpStatusCode.OK);
        (await other.GetAsync(link.Query)).Status.ShouldBe(System.Net.HttpStatusCode.Forbidden);
        (await browser.GetAsync("")).Text.ShouldContain("dashboard.js");
        using var events = await browser.EventsAsync();
        (await events.UntilAsync("hello")).GetProperty("program").GetString().ShouldBe("kettle");
    }

    [ThreadTheory]
    [InlineData("""{"picture":4,"at":1}""", nameof(LineKind.Picture), 4)]
    [InlineData("""{"at":{"picture":9},"picture":4}""", nameof(LineKind.Picture), 4)]
    [InlineData("""{"reply":12}""", nameof(LineKind.Reply), 12)]
    [InlineData("""{"later":1}""", nameof(LineKind.Unknown), 0)]
    public void A_line_is_identified_by_its_member(string line, string kind, long number) =>
        LineReading.Identify(Encoding.UTF8.GetBytes(line)).ShouldBe((Enum.Parse<LineKind>(kind), number));

    [ThreadTheory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"picture":""")]
    public void A_malformed_line_is_an_error(string line) =>
        Should.Throw<InvalidDataException>(() => LineReading.Identify(Encoding.UTF8.GetBytes(line)));

    private static async Task<string> NextAsync(Viewer viewer)
    {
        var next = await viewer.Events.ReadAsync(Token).AsTask().WaitAsync(TestTimeout.Wait);
        return Encoding.UTF8.GetString(next.Bytes.Span);
    }
}
