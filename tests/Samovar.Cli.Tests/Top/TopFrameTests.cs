using System.Text;
using Samovar.Cli.Attaching;
using Samovar.Cli.Top;
using Spectre.Console;

namespace Samovar.Cli.Tests.Top;

/// <summary>How a picture is laid out for a size, and what is done with any figures and names.</summary>
public sealed class TopFrameTests
{
    private static readonly WatchHello s_hello = WatchHello.Read("""{"samovar":1,"version":"0.1.0","pid":4711,"program":"app.dll --port 80","framework":".NET 10.0.1","cores":8}"""u8.ToArray());

    [ProcessTheory]
    [InlineData(40, 10)]
    [InlineData(80, 24)]
    [InlineData(120, 50)]
    [InlineData(10, 3)]
    public void A_frame_fits_its_height_and_most_of_its_lines_the_width(int width, int height)
    {
        var lines = Frame(Busy()).Lines(width, height, "");

        lines.Count.ShouldBeLessThanOrEqualTo(Math.Max(height, 3));
        if (width < 40) return;
        foreach (string line in lines.Skip(2).Select(Text)) line.GetCellWidth().ShouldBeLessThanOrEqualTo(width, line);
    }

    [ProcessFact]
    public void Rates_are_differences_and_percentiles_are_those_of_all_functions()
    {
        var frame = Frame(
            """{"at":1000,"executors":[{"id":1,"name":"pool","succeeded":100,"failed":0,"canceled":0}]}""",
            """{"at":3000,"executors":[{"id":1,"name":"pool","type":"thread","succeeded":150,"failed":7,"canceled":3,"queued":1234,"workers":8,"busy":5}],"functions":[{"executor":1,"function":"a","run":{"buckets":[[2,90],[8,5]]}},{"executor":1,"function":"b","run":{"buckets":[[4,5]]}},{"executor":2,"function":"c","run":{"buckets":[[9000,50]]}}]}""");

        Lines(frame).Single(static line => line.StartsWith("pool", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .ShouldBe(["pool", "thread", "30", "1,234", "0", "150", "7", "3", "0", "5/8", "2.0", "ms", "4.0", "ms"]);
    }

    [ProcessFact]
    public void Resources_have_a_column_if_an_executor_has_any()
    {
        var lines = Lines(Frame(
            """{"at":1,"executors":[{"id":1,"name":"lab","resources":[{"name":"gpu","total":2,"inUse":1.25,"waiting":3},{"name":"memory","total":17179869184,"inUse":4294967296}]},{"id":2,"name":"pool"}]}"""));

        lines.Single(static line => line.StartsWith("EXECUTOR", StringComparison.Ordinal)).ShouldContain("RESOURCES");
        lines.Single(static line => line.StartsWith("lab", StringComparison.Ordinal)).ShouldEndWith("gpu 1.25/2 (3 waiting), memory 4.3G/17.2G");
        Lines(Frame("""{"at":1,"executors":[{"id":2,"name":"pool"}]}""")).ShouldNotContain(static line => line.Contains("RESOURCES", StringComparison.Ordinal));
    }

    [ProcessFact]
    public void A_map_has_a_bar_and_the_time_left()
    {
        var lines = Lines(Frame(
            """{"at":1,"executors":[{"id":1,"name":"pool"}],"maps":[{"executor":1,"id":1,"name":"images","function":"f","total":400,"done":100,"failed":3,"running":8,"rate":12.5,"elapsed":8000,"left":24000,"run":{"p50":500,"p95":900}},{"executor":1,"id":2,"function":"Kitchen.Brew","done":7,"rate":2,"ended":true},{"executor":1,"id":3,"function":"wrong","total":-1,"done":5,"left":1e300}]}"""));

        string[] Words(string first) => lines.Single(line => line.StartsWith(first, StringComparison.Ordinal)).Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Words("images").ShouldBe(["images", "pool", "━━━━╌╌╌╌╌╌╌╌╌╌╌╌ 25 %", "100", "400", "3", "8", "12", "8.0 s", "24.0 s", "500 ms", "900 ms"]);
        Words("Kitchen.Brew").ShouldBe(["Kitchen.Brew", "pool", "7", "0", "0", "2.0", "0 µs", "over"]);
        Words("wrong")[2].ShouldBe("━━━━━━━━━━━━━━━━ 100 %");
    }

    [ProcessFact]
    public void Advice_is_wrapped_and_marked()
    {
        var frame = Frame("""{"at":1,"advice":[{"severity":"error","text":"Executor 'pool' is broken and accepts no more work."},{"severity":"info","text":"Use Map."}]}""");

        frame.Lines(30, 40, "").Skip(2).Take(3).Select(Text).ShouldBe(["✕ Executor 'pool' is broken", "  and accepts no more work.", "· Use Map."]);
    }

    [ProcessFact]
    public void A_table_that_has_no_room_says_how_many_rows_there_are()
    {
        var lines = Frame(Busy()).Lines(200, 20, "").ConvertAll(Text);

        lines.ShouldContain(static line => line.StartsWith("EXECUTOR", StringComparison.Ordinal));
        lines.ShouldContain(static line => line.Contains(" of 240)", StringComparison.Ordinal) && line.Contains("RUNNING FOR (", StringComparison.Ordinal));
    }

    [ProcessTheory]
    [InlineData(new[] { 5, 5, 5, 5 }, 100, new[] { 5, 5, 5, 5 })]
    [InlineData(new[] { 5, 5, 0, 5 }, 12, new[] { 2, 2, 0, 2 })]
    [InlineData(new[] { 1, 9, 9, 9 }, 13, new[] { 1, 2, 1, 1 })]
    [InlineData(new[] { 5, 5, 5, 5 }, 2, new[] { 0, 0, 0, 0 })]
    public void Lines_are_distributed_among_the_tables(int[] wanted, int room, int[] rows) => TopFrame.RowsFor(wanted, room).ShouldBe(rows);

    [ProcessFact]
    public void What_would_steer_a_terminal_is_taken_out_and_any_figure_is_formatted()
    {
        var frame = Frame(
            """{"at":1e300,"cost":-1,"process":{"cpu":1e308,"memory":-5,"gcPause":1e9},"executors":[{"id":1,"name":"\u001b[2Jx\u0007"}],"running":[{"for":1e300,"name":"a\nb","fraction":-1e300}],"functions":[{"run":{"p50":-1e300,"sum":1e308,"buckets":[[],[1],[1e308,1e308],[2,1e308]]}}]}""");

        string all = string.Join('\n', Lines(frame));
        all.ShouldContain("?[2Jx?");
        all.ShouldContain("a?b");
        all.ShouldNotContain("\u001b");
    }

    [ProcessFact]
    public void Altered_pictures_are_shown_or_refused_and_nothing_else()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Busy());
        var random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 2_000; i++)
        {
            byte[] altered = [.. whole];
            for (int change = random.Next(1, 4); change > 0; change--) altered[random.Next(altered.Length)] = (byte)random.Next(256);
            try
            {
                var history = new TopHistory();
                history.Add(PictureReader.Read(altered));
                new TopFrame(s_hello, history).Lines(80, 24, "").ShouldNotBeEmpty();
            }
            catch (InvalidDataException)
            {
                refused++; // as it should be
            }
        }

        refused.ShouldBeGreaterThan(200);
    }

    [ProcessTheory]
    [InlineData(0, "0 µs")]
    [InlineData(0.012, "12 µs")]
    [InlineData(3.44, "3.4 ms")]
    [InlineData(999.4, "999 ms")]
    [InlineData(1_234, "1.2 s")]
    [InlineData(306_000, "5:06")]
    [InlineData(3_723_000, "1:02:03")]
    public void Times_are_formatted(double milliseconds, string text) => TopText.Time(milliseconds).ShouldBe(text);

    [ProcessTheory]
    [InlineData(7 << 8, "exited with code 7")]
    [InlineData(9, "was terminated by signal 9 (SIGKILL)")]
    [InlineData(0x80 | 11, "was terminated by signal 11 (SIGSEGV)")]
    public void The_status_of_a_process_is_described(int status, string text) => ProcessExit.Describe(status).ShouldBe(text);

    private static string Busy()
    {
        string executors = string.Join(',', Enumerable.Range(1, 3).Select(static i => $$"""{"id":{{i}},"name":"executor number {{i}}","type":"process","workers":8,"queued":12345,"succeeded":1000000}"""));
        string running = string.Join(',', Enumerable.Range(1, 50).Select(static i => $$"""{"executor":1,"id":{{i}},"name":"茶 task {{i}}","function":"Namespace.Of.A.Very.Long.Name.Kitchen.Brew","for":{{i}}000}"""));
        string workers = string.Join(',', Enumerable.Range(1, 40).Select(static i => $$"""{"executor":1,"worker":{{i}},"name":"executor number 1 #{{i}}","state":"busy","process":{{i}}}"""));
        return $$"""{"at":1000,"executors":[{{executors}}],"running":[{{running}}],"runningTotal":240,"workers":[{{workers}}],"functions":[{"executor":1,"function":"Kitchen.Brew","count":5}],"advice":[{"severity":"warning","text":"Long {{new string('x', 30)}} sentence that is wrapped somewhere, I hope."}]}""";
    }

    private static TopFrame Frame(params string[] pictures)
    {
        var history = new TopHistory();
        foreach (string picture in pictures) history.Add(PictureReader.Read(Encoding.UTF8.GetBytes(picture)));
        return new TopFrame(s_hello, history);
    }

    private static List<string> Lines(TopFrame frame) => frame.Lines(1_000, 1_000, "").ConvertAll(Text);

    private static string Text(Piece[] line) => string.Concat(line.Select(static piece => piece.Text));
}
