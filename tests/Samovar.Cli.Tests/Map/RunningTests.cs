namespace Samovar.Cli.Tests.Map;

/// <summary>The real tool with methods of every kind, good and bad.</summary>
public sealed class RunningTests : IDisposable
{
    private readonly MapFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ProcessTheory]
    [InlineData("processes")]
    [InlineData("threads")]
    [InlineData("inline")]
    public async Task Synchronous_and_awaited_methods_run_on_every_engine(string engine)
    {
        (await _folder.MapAsync(nameof(Sample.Square), "--engine", engine, "-k", "--", "2", "3")).Output.ShouldBe("4\n9\n");
        (await _folder.MapAsync(nameof(Sample.Awaited), "--engine", engine, "-k", "--", "a", "b")).Output.ShouldBe("a!\nb!\n");
        (await _folder.MapAsync(nameof(Sample.AwaitedValue), "--engine", engine, "-k", "--", "1")).Output.ShouldBe("2\n");
        (await _folder.MapAsync(nameof(Sample.Deferred), "--engine", engine, "-k", "--", "1", "2")).Output.ShouldBe("2\n3\n");
    }

    [ProcessFact]
    public async Task An_item_whose_result_would_be_written_in_part_fails_and_no_other()
    {
        ToolRun run = await _folder.MapAsync(nameof(Sample.Listed), "--engine", "inline", "--range", "1..2");

        run.ShouldBe(new ToolRun(ExitCode.ItemsFailed, "[2]\n", "samovar: item 1 '1' failed: UnwritableResultException: The result cannot be written: "
            + "a NamedList would lose its Name because only its elements are written; use a record with both, or a plain collection, instead.\n"));
    }

    [ProcessTheory]
    [InlineData("processes")]
    [InlineData("threads")]
    [InlineData("inline")]
    public async Task A_method_that_blocks_on_a_task_after_an_await_continues(string engine) =>
        (await _folder.MapAsync(nameof(Sample.Blocking), "--engine", engine, "--workers", "1", "-k", "--", "1", "2")).Output.ShouldBe("2\n3\n");

    [ProcessTheory]
    [InlineData("processes")]
    [InlineData("threads")]
    public async Task Files_next_to_the_target_are_next_to_the_program(string engine)
    {
        string target = _folder.PathOf("next/Samovar.Cli.Tests.dll");
        _folder.Write("next/words.txt", "tea");
        File.Copy(MapFolder.Target, target);

        (await _folder.ToolAsync("map", target, "Sample.FileText", "--engine", engine, "--", "words.txt"))
            .ShouldBe(new ToolRun(ExitCode.Success, $"tea of {target}\n", ""));
    }

    [ProcessFact]
    public async Task Nothing_is_no_line_of_text_and_null_in_json()
    {
        (await _folder.MapAsync(nameof(Sample.Nothing), "-k", "--engine", "inline", "--range", "1..3")).Output.ShouldBe("1\n3\n");
        (await _folder.MapAsync(nameof(Sample.Nothing), "-k", "--engine", "inline", "--range", "1..3", "--format", "jsonl", "--tag")).Output
            .ShouldBe("{\"input\":\"1\",\"result\":1}\n{\"input\":\"2\",\"result\":null}\n{\"input\":\"3\",\"result\":3}\n");
    }

    [ProcessTheory]
    [InlineData("processes")]
    [InlineData("threads")]
    public async Task What_a_method_writes_never_mixes_with_results(string engine)
    {
        ToolRun run = await _folder.MapAsync(nameof(Sample.Silent), "--engine", engine, "--", "hello");

        run.Output.ShouldBeEmpty();
        run.Error.ShouldContain("said hello");
        run.ExitCode.ShouldBe(ExitCode.Success);
    }

    [ProcessFact]
    public async Task A_failure_is_one_line_and_whole_when_asked()
    {
        ToolRun brief = await _folder.MapAsync(nameof(Sample.NotThirteen), "-k", "--engine", "inline", "--tag", "--", "12", "13");
        ToolRun whole = await _folder.MapAsync(nameof(Sample.NotThirteen), "--verbose", "--", "13");

        brief.ShouldBe(new ToolRun(ExitCode.ItemsFailed, "12\t12\n", "samovar: item 2 '13' failed: InvalidDataException: 13 is unlucky\n"));
        whole.Error.ShouldContain("and this is its second line");
        whole.Error.ShouldContain("at Samovar.Cli.Tests.Map.Sample.NotThirteen(Int32 n)");
    }

    [ProcessFact]
    public async Task A_crash_costs_only_the_item_that_crashed()
    {
        ToolRun run = await _folder.MapAsync(nameof(Sample.Deadly), "--range", "1..60", "--job-log", "log.jsonl", "--output", "out.txt");

        run.ExitCode.ShouldBe(ExitCode.ItemsFailed);
        _folder.Lines("out.txt").Select(int.Parse).Order().ShouldBe(Enumerable.Range(1, 60).Where(n => n % 10 != 7));
        string[] errors = run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        errors.Length.ShouldBe(6);
        errors.ShouldAllBe(e => e.Contains("was killed by SIGKILL"));
        _folder.Log("log.jsonl").Length.ShouldBe(60);
    }

    [ProcessFact]
    public async Task A_hang_is_killed_at_its_time_limit()
    {
        ToolRun run = await _folder.MapAsync(nameof(Sample.Endless), "--range", "1..5", "-k", "--timeout", "2s");

        run.ExitCode.ShouldBe(ExitCode.ItemsFailed);
        run.Output.ShouldBe("1\n2\n4\n5\n");
        run.Error.ShouldStartWith("samovar: item 3 '3' failed: TaskTimeoutException: it ran longer than its time limit of 2.0 s");
        run.Error.Count(c => c == '\n').ShouldBe(1);
    }

    [ProcessFact]
    public async Task The_token_of_a_method_trips_at_its_time_limit()
    {
        ToolRun run = await _folder.MapAsync(nameof(Sample.Patient), "--timeout", "300ms", "--", "tripped");

        run.ShouldBe(new ToolRun(ExitCode.ItemsFailed, "", "samovar: item 1 'tripped' failed: TaskTimeoutException: it ran longer than its time limit of 300 ms\n"));
        File.Exists(_folder.PathOf("tripped")).ShouldBeTrue();
    }

    [ProcessFact]
    public async Task Retries_try_again_and_malformed_items_are_not_tried_again()
    {
        (await _folder.MapAsync(nameof(Sample.SecondTime), "--retries", "1", "-k", "--", "1", "2")).ShouldBe(new ToolRun(ExitCode.Success, "1\n2\n", ""));
        (await _folder.MapAsync(nameof(Sample.SecondTime), "--engine", "threads", "--", "1")).ExitCode.ShouldBe(ExitCode.ItemsFailed);
    }

    [ProcessFact]
    public async Task A_worker_is_replaced_after_so_many_items()
    {
        await _folder.MapAsync(nameof(Sample.Square), "--range", "1..6", "--workers", "1", "--max-tasks-per-worker", "2", "--job-log", "log.jsonl");

        _folder.Log("log.jsonl").GroupBy(l => l.GetProperty("worker").GetInt32()).Select(g => g.Count()).ShouldBe([2, 2, 2]);
    }

    [ProcessFact]
    public async Task A_worker_that_holds_too_much_is_replaced()
    {
        string[] command = ["--range", "1..6", "--workers", "1"];
        await _folder.MapAsync(nameof(Sample.Hoarded), [.. command, "--job-log", "limited.jsonl", "--memory-limit", "150M"]);
        await _folder.MapAsync(nameof(Sample.Hoarded), [.. command, "--job-log", "free.jsonl"]);

        _folder.Log("limited.jsonl").DistinctBy(l => l.GetProperty("worker").GetInt32()).Count().ShouldBeGreaterThan(1);
        _folder.Log("free.jsonl").DistinctBy(l => l.GetProperty("worker").GetInt32()).Count().ShouldBe(1);
    }

    [ProcessFact]
    public async Task Of_a_runtime_that_dies_the_user_s_own_part_of_the_stack_is_shown()
    {
        ToolRun brief = await _folder.MapAsync(nameof(Sample.FailsFast), "--", "tea");
        ToolRun whole = await _folder.MapAsync(nameof(Sample.FailsFast), "--verbose", "--", "tea");

        brief.ExitCode.ShouldBe(ExitCode.ItemsFailed);
        brief.Error.ShouldMatch(@"^\[(\d+)\] Process terminated\.\n\[\1\] out of tea\n(\[\1\] +at System\.[^\n]+\n)+\[\1\] +at Samovar\.Cli\.Tests\.Map\.Sample\.FailsFast[^\n]+\nsamovar: item 1 'tea' failed: WorkerCrashedException: process \1 was killed by SIGABRT(; it had used \d+ MiB)?\n$");
        whole.Error.ShouldContain("at Samovar.Cli.Map.Running.ItemCall.Run(");
    }

    [ProcessTheory]
    [InlineData("Sample.Stream -- 1", "IAsyncEnumerable<int> Sample.Stream(int n)  – returns a stream: return an array or a list")]
    [InlineData("Sample.Nested -- 1", "Task<ValueTask<int>> Sample.Nested(int n)  – returns a ValueTask<int> inside another task: await it")]
    [InlineData("Sample.NamedListed -- 1", "a NamedList would lose its Name because only its elements are written; use a record with both")]
    [InlineData("Sample.Square --column x -- 1", "--column applies to CSV, not to items after --.")]
    [InlineData("Sample.Square --input-format csv --range 1..2", "--input-format applies to --input or a pipe, not to --range.")]
    [InlineData("Sample.Square --range 5..1..1", "'5..1..1' is not a valid range. ")]
    [InlineData("Sample.Square --engine threads --memory-limit 1G -- 1", "--memory-limit has no effect with --engine threads.")]
    [InlineData("Sample.Square --engine inline --max-tasks-per-worker 1 -- 1", "--max-tasks-per-worker has no effect with --engine inline.")]
    [InlineData("Sample.Square --engine inline --timeout 1s -- 1", "--timeout has no effect with --engine inline.")]
    [InlineData("Sample.Square --job-log - -- 1", "--job-log takes a file")]
    [InlineData("Sample.Square --job-log x --output x -- 1", "x cannot be both the output and the job log. Name two files.")]
    [InlineData("Sample.Square --output . -- 1", "The output . cannot be opened: it is a folder.")]
    [InlineData("Sample.Sqare -- 1", "has no public static method 'Sample.Sqare'. Did you mean 'Sample.Square'?")]
    [InlineData("sample.square -- 1", "has no public static method 'sample.square'. Did you mean 'Sample.Square'?")]
    [InlineData("Sample.TwoValues -- 1", "int Sample.TwoValues(int first, int second)  – takes several values ('first' and 'second'): take one record with both")]
    [InlineData("Sample.Generic -- 1", "T Sample.Generic(T value)  – is generic")]
    [InlineData("Sample.OfStream -- 1", "Stream cannot be parsed from text: take a FileInfo and open it")]
    [InlineData("-- 1", "has several methods that can be mapped over items. Name one:")]
    [InlineData("Sample.Square 1 2", "unexpected argument '1' after the method 'Sample.Square'. Items follow after --: … Sample.Square -- 1")]
    [InlineData("Sample.Square --range 1-3", "'1-3' is not a valid range. Write 1..100")]
    [InlineData("Sample.Square --range 1..3 --files *", "Several inputs are given: --files and --range. Use only one.")]
    [InlineData("Sample.Square --files nowhere/**", "There is no folder 'nowhere', in which 'nowhere/**' starts.")]
    [InlineData("Sample.Square --files *.nothing", "No file matches '*.nothing'.")]
    [InlineData("Sample.Square --input nothing.txt", "The input nothing.txt cannot be read: ")]
    [InlineData("Sample.Square --resume -- 1", "--resume needs the --job-log of the run to continue.")]
    [InlineData("Sample.Square --output no/such/folder -- 1", "The output no/such/folder cannot be opened: ")]
    [InlineData("Sample.Square --timeout never -- 1", "--timeout takes a time such as 500ms, 10s or 2m, not 'never'.")]
    [InlineData("Sample.Square --halt 0% -- 1", "--halt takes first, a number such as 10, or a percentage such as 5%, not '0%'.")]
    [InlineData("Sample.Square --workers 0 -- 1", "--workers takes a whole number from 1 to 4096, not '0'.")]
    [InlineData("Sample.Square --memory-limit 1M -- 1", "--memory-limit takes a size of at least 16M, such as 500M or 2G, not '1M'.")]
    [InlineData("Sample.Square --engine magic -- 1", "--engine takes processes, threads or inline, not 'magic'.")]
    [InlineData("Sample.Square --wrokers 2 -- 1", "unknown option '--wrokers'. Did you mean '--workers'?")]
    public async Task A_usage_error_is_reported_without_a_stack_and_nothing_is_run(string command, string says)
    {
        ToolRun run = await _folder.ToolAsync(["map", MapFolder.Target, .. command.Split(' ')]);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Output.ShouldBeEmpty();
        run.Error.ShouldStartWith("samovar: ");
        run.Error.ShouldContain(says);
        run.Error.ShouldNotContain("   at ");
    }

    [ProcessFact]
    public async Task Of_overloads_the_one_that_takes_text_is_chosen() =>
        (await _folder.MapAsync(nameof(Sample.Overloaded), "--engine", "inline", "--", "four")).Output.ShouldBe("4\n");
}
