using System.Text;
using Samovar.Cli.Ps;

namespace Samovar.Cli.Tests.Ps;

/// <summary>What comes back from a process is not believed, and may end anywhere.</summary>
public sealed class SnapshotReaderTests
{
    private const string Whole =
        """
        {"samovar":1,"version":"0.1.0","pid":4711,"program":"app.dll --port 80"}
        {"depth":0,"label":"event loop 'a'","state":"0 ready, 1 timers","awaits":[]}
        {"depth":1,"label":"group (a.cs:1)","state":"1 unfinished","awaits":[]}
        {"depth":2,"label":"task 'b' (a.cs:2)","state":"running","awaits":["A.B (a.cs:3)","a sleep"]}
        {"depth":1,"label":"submitted task 1","state":"running","awaits":[]}
        {"depth":0,"label":"executor 'c'","state":"2 of 2 workers","awaits":[]}
        {"end":5}

        """;

    [ProcessFact]
    public void An_answer_is_read_as_the_tree_it_was()
    {
        var snapshot = Read(Whole);
        snapshot.Pid.ShouldBe(4711);
        snapshot.Program.ShouldBe("app.dll --port 80");
        snapshot.Executors.Select(static executor => executor.Label).ShouldBe(["event loop 'a'", "executor 'c'"]);
        snapshot.Executors[0].Children.Select(static child => child.Label).ShouldBe(["group (a.cs:1)", "submitted task 1"]);
        snapshot.Executors[0].Children[0].Children.ShouldHaveSingleItem().Awaits.ShouldBe(["A.B (a.cs:3)", "a sleep"]);
    }

    [ProcessTheory]
    [InlineData("{\"samovar\":2}\n{\"end\":0}\n", "its format version is 2, and this tool reads version 1")]
    [InlineData("[1]\n", "a line is not a JSON object")]
    [InlineData("hello\nworld\n", "a line is not valid JSON")]
    [InlineData("{\"samovar\":1,\"pid\":1,\"program\":\"p\",\"version\":\"1\"}\n{\"end\":3}\n", "it has 0 nodes, expected 3")]
    [InlineData("{\"samovar\":1,\"pid\":1,\"program\":\"p\",\"version\":\"1\"}\n{\"error\":\"no luck\"}\n", "the process failed to create it: no luck")]
    [InlineData("{\"samovar\":1}\n{\"depth\":1000000,\"label\":\"\",\"state\":\"\",\"awaits\":[]}\n", "1000000 levels deep")]
    [InlineData("{\"samovar\":1}\n{\"depth\":0,\"label\":7}\n", "the string 'label' is missing")]
    public void What_is_no_answer_is_refused_with_what_is_wrong(string lines, string why) =>
        Should.Throw<InvalidDataException>(() => Read(lines)).Message.ShouldContain(why);

    [ProcessFact]
    public void An_answer_cut_off_anywhere_is_never_taken_for_a_whole_one()
    {
        for (int length = 0; length < Whole.TrimEnd().Length; length++) Should.Throw<EndOfStreamException>(() => Read(Whole[..length]), $"after {length}");
    }

    [ProcessFact]
    public void Altered_answers_are_read_or_refused_and_nothing_else()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Whole);
        var random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] altered = [.. whole];
            for (int change = random.Next(1, 4); change > 0; change--) altered[random.Next(altered.Length)] = (byte)random.Next(256);
            try
            {
                SnapshotReader.Read(new MemoryStream(altered));
            }
            catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
            {
                refused++; // as it should be
            }
        }

        refused.ShouldBeGreaterThan(1000);
    }

    [ProcessTheory]
    [MemberData(nameof(Ports))]
    public async Task A_process_that_answers_badly_is_reported_as_such(byte[] answer, string? lines, string why)
    {
        using var port = new FakePort();
        ToolRun run = await port.AskAsync(answer, lines is null ? null : Encoding.UTF8.GetBytes(lines));
        run.ExitCode.ShouldBe(ExitCode.NoAnswer, run.Error);
        run.Error.ShouldStartWith("samovar: ");
        run.Error.ShouldContain(why);
        run.Error.Split('\n').Length.ShouldBe(2, run.Error);
        run.Output.ShouldBeEmpty();
    }

    public static TheoryData<byte[], string?, string> Ports => new()
    {
        { Encoding.ASCII.GetBytes("HTTP/1.1 400 Bad Request\r\n\r\n"), null, "cannot be read: the response does not follow the diagnostic protocol" },
        { [], null, "closed the connection in the middle of its response" },
        { FakePort.Refused, null, "rejected the session" },
        { FakePort.Confirmed, null, "is a .NET program without Samovar executors" },
        { FakePort.Confirmed, "", "closed the connection in the middle of its response" },
        { FakePort.Confirmed, Whole[..200], "closed the connection in the middle of its response" },
        { FakePort.Confirmed, "\u0000\u0001\n{}\n", "cannot be read: a line is not valid JSON" },
    };

    [ProcessFact]
    public async Task What_would_steer_a_terminal_is_taken_out_of_names()
    {
        using var port = new FakePort();
        ToolRun run = await port.AskAsync(FakePort.Confirmed, Encoding.UTF8.GetBytes(Whole.Replace("task 'b'", "task '\\u001b[2Jb\\u0007'", StringComparison.Ordinal)));
        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Output.ShouldContain("task '?[2Jb?' (a.cs:2): running");
    }

    private static ProcessSnapshot Read(string lines) => SnapshotReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(lines)));
}
