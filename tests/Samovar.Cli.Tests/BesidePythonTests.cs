using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Samovar.Cli.Tour;

namespace Samovar.Cli.Tests;

/// <summary><c>samovar tour --beside-python</c>.</summary>
public sealed class BesidePythonTests
{
    /// <summary>Lessons without arguments or input whose programs use much processor time in their readers' size.</summary>
    private static readonly (int Chapter, string Size)[] s_long = [(5, "500"), (7, "1000"), (9, "2000")];

    private static readonly string s_folder = Path.Combine(ToolRun.Root, "examples", "chapter", "python");

    [ThreadFact]
    public void Every_lesson_has_a_Python_program_and_every_Python_program_a_lesson()
    {
        IReadOnlyList<ChapterProgram> lessons = ChapterProgram.All();

        lessons.Where(static lesson => lesson.Python is null).Select(static lesson => lesson.Source)
            .ShouldBeEmpty("examples/chapter/python has no program of that name");
        lessons.Select(static lesson => lesson.PythonSource!)
            .ShouldBe(Directory.EnumerateFiles(s_folder, "*.py").Select(static file => $"examples/chapter/python/{Path.GetFileName(file)}"), true);
    }

    [ProcessFact]
    public async Task The_Python_programs_compile_and_use_the_standard_library_only()
    {
        const string Check = """
            import ast, sys
            known = getattr(sys, "stdlib_module_names", None)
            for path in sys.argv[1:]:
                with open(path, encoding="utf-8") as file:
                    tree = ast.parse(file.read(), path)
                compile(tree, path, "exec")
                for node in ast.walk(tree):
                    if isinstance(node, ast.Import): names = [alias.name for alias in node.names]
                    elif isinstance(node, ast.ImportFrom): names = [node.module]
                    else: continue
                    for name in names:
                        if known and name.split(".")[0] not in known: print(path, "imports", name)
            """;
        FakePython.SkipUnlessInstalled();
        ToolRun run = await ToolRun.ProgramAsync("python3", ["-c", Check, .. Directory.EnumerateFiles(s_folder, "*.py")]);

        run.ExitCode.ShouldBe(0, run.Error);
        run.Output.ShouldBeEmpty();
    }

    [ProcessFact]
    public async Task Json_has_both_sides_of_every_lesson()
    {
        using FakePython python = await FakePython.WithSmallSizesAsync();
        int[] chapters = [.. Enumerable.Range(1, ChapterProgram.Count).Except(s_long.Select(static lesson => lesson.Chapter))];
        string[] only = [.. chapters.Select(static chapter => chapter.ToString(CultureInfo.InvariantCulture))];
        ToolRun run = await ToolRun.ToolAsync(python.Variables, ["tour", "--beside-python", "--json", "--jobs", "100", "--only", .. only]);
        run.ExitCode.ShouldBe(0, run.Error);
        LessonRun[] lessons = Lessons(run);

        lessons.Select(static lesson => lesson.Chapter).ShouldBe(chapters);
        foreach (SideRun side in lessons.SelectMany(static lesson => (SideRun[])[lesson.Samovar, lesson.Python]))
        {
            File.Exists(Path.Combine(ToolRun.Root, side.Program!)).ShouldBeTrue(side.Program);
            side.Seconds!.Value.ShouldBeGreaterThan(0);
            side.ExitCode.ShouldBe(0);
            side.Output.ShouldNotBeEmpty();
            side.Reason.ShouldBeNull();
        }

        lessons.ShouldAllBe(static lesson => lesson.Python.Program!.EndsWith(".py", StringComparison.Ordinal));

        // What depends on neither times nor order is the same on both sides.
        Common(Of(2), "while you typed").Length.ShouldBe(1);
        Common(Of(3), "it is").Length.ShouldBe(3 * 9);
        Common(Of(11), "finished downloading").Length.ShouldBe(5);
        Common(Of(12), "coroutine").Length.ShouldBe(6);

        LessonRun Of(int chapter) => lessons.Single(lesson => lesson.Chapter == chapter);
    }

    /// <summary>The tests of the examples run Samovar's programs of these lessons.</summary>
    [ProcessFact]
    public async Task The_Python_programs_of_the_long_lessons_run_to_completion_and_print_something()
    {
        FakePython.SkipUnlessInstalled();
        foreach ((int chapter, string size) in s_long)
        {
            string program = Directory.EnumerateFiles(s_folder, $"{chapter:00}-*.py").ShouldHaveSingleItem();
            ToolRun run = await ToolRun.ProgramAsync("python3", ["-u", "-X", "utf8", program, size]);
            run.ExitCode.ShouldBe(0, run.Error);
            run.Output.ShouldNotBeEmpty();
        }
    }

    [ProcessFact]
    public async Task People_see_both_outputs_and_a_table_of_times()
    {
        using FakePython python = await FakePython.WithSmallSizesAsync();
        ToolRun run = await ToolRun.ToolAsync(python.Variables, "tour", "--beside-python", "--only", "14");

        run.ExitCode.ShouldBe(0, run.Error);
        run.Output.ShouldContain("14 Two queries: A request needs");
        run.Output.ShouldMatch(@"\n  Samovar\n    one after the other: 10 rows in \d+ ms\n(    .*\n)*    took [\d.]+ s\n");
        run.Output.ShouldMatch(@"\n  Python\n    one after the other: 10 rows in \d+ ms\n(    .*\n)*    took [\d.]+ s\n");
        run.Output.ShouldMatch(@"\n\| 14 Two queries \| +[\d.]+ s \| +[\d.]+ s \| +[\d.]+ \|\n");
        run.Output.ShouldNotContain("\u001b");
    }

    [ProcessFact]
    public async Task A_Python_program_that_fails_is_reported_and_its_lesson_has_no_figure()
    {
        FakePython.SkipOnWindows();
        using var python = new FakePython("echo before; echo Traceback >&2; echo 'ValueError: no tea' >&2; exit 7");
        ToolRun run = await ToolRun.ToolAsync(python.Variables, "tour", "--beside-python", "--json", "--only", "14");

        run.ExitCode.ShouldBe(ExitCode.ItemsFailed);
        run.Error.ShouldContain("samovar: examples/chapter/python/14-two-queries.py failed with exit code 7: ValueError: no tea.\n");
        LessonRun lesson = Lessons(run).ShouldHaveSingleItem();
        lesson.Samovar.Seconds.ShouldNotBeNull();
        lesson.Python.Seconds.ShouldBeNull();
        lesson.Python.ExitCode.ShouldBe(7);
        lesson.Python.Output!.ShouldHaveSingleItem().ShouldBe("before");
        lesson.Python.Reason.ShouldBe("failed with exit code 7: ValueError: no tea");
    }

    [ProcessFact]
    public async Task Without_python3_nothing_runs_and_the_message_says_what_to_do()
    {
        FakePython.SkipOnWindows();
        Assert.SkipWhen(File.Exists("/usr/sbin/python3") || File.Exists("/usr/local/sbin/python3"), "python3 is found without PATH");
        string empty = Directory.CreateTempSubdirectory("samovar-empty-").FullName;
        try
        {
            string[] command = [ToolRun.ToolPath, "tour", "--beside-python"];
            ToolRun run = await ToolRun.ProgramAsync(DotnetHost.Find(), command, [("PATH", empty)]);

            run.ExitCode.ShouldBe(ExitCode.Unfit);
            run.Output.ShouldBeEmpty();
            run.Error.ShouldBe(
                "samovar: --beside-python runs Python programs, and there is no python3 in PATH. Install Python 3.8 or later, or omit the option.\n");
        }
        finally
        {
            Directory.Delete(empty);
        }
    }

    [ProcessFact]
    public async Task A_Python_that_is_too_old_is_refused()
    {
        FakePython.SkipOnWindows();
        using var python = new FakePython("exit 1", "3.7.4");
        ToolRun run = await ToolRun.ToolAsync(python.Variables, "tour", "--beside-python");

        run.ExitCode.ShouldBe(ExitCode.Unfit);
        run.Error.ShouldContain("is Python 3.7.4. Install Python 3.8 or later");
    }

    [ProcessFact]
    public async Task Ctrl_C_kills_the_Python_program()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "there is no /proc here");
        using var python = new FakePython("echo process $$; exec sleep 600");
        CancellationToken timeout = TestContext.Current.CancellationToken;
        using Process tool = await Starter.StartAsync("dotnet", [ToolRun.ToolPath, "tour", "--beside-python", "--only", "14"], python.Variables);
        string line = "";
        while (!line.StartsWith("    process ", StringComparison.Ordinal))
            line = await tool.StandardOutput.ReadLineAsync(timeout) ?? throw new InvalidOperationException("The tour exited before Python ran.");
        await ToolRun.ProgramAsync("kill", ["-INT", tool.Id.ToString(CultureInfo.InvariantCulture)]);
        ToolRun run = await ToolRun.EndAsync(tool, timeout);

        run.ExitCode.ShouldBe(ExitCode.Interrupted, run.Error);
        Path.Exists($"/proc/{line.Split(' ')[^1]}").ShouldBeFalse();
    }

    [ProcessFact]
    public async Task A_program_whose_time_is_up_is_killed_and_has_no_figure()
    {
        FakePython.SkipOnWindows();
        var process = new ChapterProcess("sleep", ["600"]) { CapturesErrors = true, TimeLimit = TimeSpan.FromMilliseconds(200) };
        ProcessResult result = await process.RunAsync(static _ => { }, TestContext.Current.CancellationToken);
        SideRun side = SideRun.Of("endless.py", result, TimeSpan.FromMinutes(3));

        side.HasFailed.ShouldBeTrue();
        side.Seconds.ShouldBeNull();
        side.ExitCode.ShouldBeNull();
        side.Reason.ShouldBe("was killed because it ran for more than 180 s");
    }

    [ThreadFact]
    public void The_table_is_Markdown_with_a_row_for_each_lesson()
    {
        var half = new SideRun("a.cs", 0.5, 0, [], null);
        var failed = new SideRun("a.py", null, 1, [], "failed with exit code 1");

        LessonRun[] lessons =
        [
            new(1, "Tea", half, half with { Seconds = 12.34 }),
            new(2, "Input reader", half, failed),
            new(3, "None", half, SideRun.Missing("no program")),
        ];

        ComparisonTable.Lines(lessons).ShouldBe(
        [
            "| Lesson         | Samovar |  Python | Ratio |",
            "|----------------|--------:|--------:|------:|",
            "| 1 Tea          |  0.50 s | 12.34 s |  24.7 |",
            "| 2 Input reader |  0.50 s |  failed |     – |",
            "| 3 None         |  0.50 s |       – |     – |",
        ]);
    }

    private static LessonRun[] Lessons(ToolRun run) =>
    [
        .. run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => JsonSerializer.Deserialize<LessonRun>(line, JsonSerializerOptions.Web)!),
    ];

    /// <summary>Lines with these words, which must be the same on both sides.</summary>
    private static string[] Common(LessonRun lesson, string words)
    {
        string[] samovar = Lines(lesson.Samovar), python = Lines(lesson.Python);
        python.ShouldBe(samovar, ignoreOrder: true, lesson.Title);
        return samovar;

        string[] Lines(SideRun side) => [.. side.Output!.Where(line => line.TrimStart().StartsWith(words, StringComparison.Ordinal))];
    }
}
