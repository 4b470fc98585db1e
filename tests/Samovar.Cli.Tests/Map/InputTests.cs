namespace Samovar.Cli.Tests.Map;

/// <summary>The real tool over every kind of input.</summary>
public sealed class InputTests : IDisposable
{
    private readonly MapFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ProcessFact]
    public async Task Lines_come_from_a_file_a_pipe_or_the_command_line()
    {
        _folder.Write("in.txt", "one\r\ntwo\n\nthree");

        (await _folder.MapAsync(nameof(Sample.Upper), "--input", "in.txt", "-k")).Output.ShouldBe("ONE\nTWO\n\nTHREE\n");
        (await _folder.ShellAsync("printf 'a\\nb' | $map Sample.Upper --engine inline")).Output.ShouldBe("A\nB\n");
        (await _folder.ShellAsync("printf 'a\\nb' | $map Sample.Upper --engine inline --input -")).Output.ShouldBe("A\nB\n");
        (await _folder.MapAsync(nameof(Sample.Upper), "--engine", "inline", "--", "x y", "--z")).Output.ShouldBe("X Y\n--Z\n");
        (await _folder.MapAsync(nameof(Sample.Square), "--engine", "inline", "--range", "3..-3..-3")).Output.ShouldBe("9\n0\n9\n");
        (await _folder.ShellAsync("$map Sample.Upper < /dev/null")).ShouldBe(new ToolRun(ExitCode.Success, "", "samovar: the input, standard input, has no items.\n"));
    }

    [ProcessFact]
    public async Task Json_lines_and_csv_fill_a_record()
    {
        _folder.Write("in.jsonl", "{\"name\":\"tea\",\"count\":2,\"size\":\"Large\"}\n\n{\"Name\":\"cup\",\"Count\":\"3\"}\n");
        _folder.Write("in.csv", "name,count,isPaid\n\"tea, black\",2,true\n\"a \"\"cup\"\"\",3,0\n");
        _folder.Write("in.tsv", "Name\tCount\nsaucer\t4\n");

        (await _folder.MapAsync(nameof(Sample.Twice), "--input", "in.jsonl", "-k")).Output
            .ShouldBe("{\"name\":\"tea\",\"count\":4,\"isPaid\":false,\"size\":\"Large\"}\n{\"name\":\"cup\",\"count\":6,\"isPaid\":false,\"size\":\"Small\"}\n");
        (await _folder.MapAsync(nameof(Sample.Twice), "--input", "in.csv", "--engine", "inline", "--format", "csv")).Output
            .ShouldBe("name,count,isPaid,size\n\"tea, black\",4,true,Small\n\"a \"\"cup\"\"\",6,false,Small\n");
        (await _folder.MapAsync(nameof(Sample.Twice), "--input", "in.tsv", "--engine", "inline")).Output.ShouldContain("\"saucer\",\"count\":8");
        (await _folder.MapAsync(nameof(Sample.Upper), "--input", "in.csv", "--column", "name", "--engine", "inline")).Output.ShouldBe("TEA, BLACK\nA \"CUP\"\n");
    }

    [ProcessFact]
    public async Task A_malformed_line_is_reported_with_its_number_and_text_and_the_others_are_done()
    {
        _folder.Write("in.csv", "name,count\ntea,2\ncup,many\nonly one field\nsaucer,3\n");
        ToolRun run = await _folder.MapAsync(nameof(Sample.Twice), "--input", "in.csv", "-k", "--format", "csv");

        run.ExitCode.ShouldBe(ExitCode.ItemsFailed);
        run.Output.ShouldBe("name,count,isPaid,size\ntea,4,false,Small\nsaucer,6,false,Small\n");
        string[] errors = run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        errors.Length.ShouldBe(2);
        errors[0].ShouldStartWith("samovar: item 2 (line 3) is malformed: not a valid Order: ");
        errors[0].ShouldContain("\"count\":\"many\"");
        errors[1].ShouldStartWith("samovar: item 3 (line 4) is malformed: it has 1 fields, but the header has 2: only one field");
    }

    [ProcessFact]
    public async Task An_empty_field_is_an_empty_text_and_null_is_only_where_null_may_be()
    {
        _folder.Write("in.csv", "name,count\n,1\ntea,\n");
        ToolRun fields = await _folder.MapAsync(nameof(Sample.Twice), "--input", "in.csv", "--engine", "inline");
        ToolRun json = await _folder.ShellAsync("printf 'null\\n{\"name\":null,\"count\":1}\\n' | $map Sample.Twice --engine inline --input-format jsonl");

        fields.Output.ShouldBe("{\"name\":\"\",\"count\":2,\"isPaid\":false,\"size\":\"Small\"}\n");
        fields.Error.ShouldStartWith("samovar: item 2 (line 3) is malformed: not a valid Order: The JSON value could not be converted to ");
        fields.Error.ShouldContain(" (count, byte 27) '{\"name\":\"tea\",\"count\":null}'\n");
        json.Output.ShouldBeEmpty();
        json.Error.ShouldContain("samovar: item 1 (line 1) is malformed: not a valid Order: null is not allowed. 'null'\n");
        json.Error.ShouldContain("samovar: item 2 (line 2) is malformed: not a valid Order: ");
    }

    [ProcessFact]
    public async Task What_is_no_text_is_malformed_and_does_not_become_another_text_unseen()
    {
        await File.WriteAllBytesAsync(_folder.PathOf("in.txt"), [.. "caf"u8, 0xE9, .. "\n\u00e9t\u00e9\n"u8], TestContext.Current.CancellationToken);
        ToolRun run = await _folder.MapAsync(nameof(Sample.Upper), "--input", "in.txt", "--engine", "inline");

        run.ShouldBe(new ToolRun(ExitCode.ItemsFailed, "\u00c9T\u00c9\n", "samovar: item 1 (line 1) is malformed: it is not UTF-8: 'caf\uFFFD'\n"));
    }

    [ProcessTheory]
    [InlineData("--input in.txt --output in.txt", "output in.txt is also the input,")]
    [InlineData("--input in.txt --output link", "output link is also the input,")]
    [InlineData("--output in.txt < in.txt", "output in.txt is also the input,")]
    [InlineData("--input in.txt --job-log in.txt", "job log in.txt is also the input,")]
    public async Task A_run_never_writes_over_what_it_reads(string files, string says)
    {
        _folder.Write("in.txt", "1\n");
        File.CreateSymbolicLink(_folder.PathOf("link"), "in.txt");
        ToolRun run = await _folder.ShellAsync($"$map Sample.Square {files}");

        run.ShouldBe(new ToolRun(ExitCode.Usage, "", $"samovar: The {says} which would be overwritten. Name another file.\n"));
        _folder.Lines("in.txt").ShouldBe(["1"]);
    }

    [ProcessTheory]
    [InlineData("fail", ExitCode.ItemsFailed, "1\n9\n")]
    [InlineData("skip", ExitCode.Success, "1\n9\n")]
    [InlineData("halt", ExitCode.Halted, "1\n")]
    public async Task A_malformed_line_fails_is_skipped_or_halts_as_asked(string what, int code, string output)
    {
        ToolRun run = await _folder.MapAsync(nameof(Sample.Square), "--engine", "inline", "--on-bad-input", what, "--", "1", "x", "3");

        run.ExitCode.ShouldBe(code);
        run.Output.ShouldBe(output);
        run.Error.ShouldStartWith("samovar: item 2 is malformed: not a valid long: The input string 'x' was not in a correct format. 'x'\n");
    }

    [ProcessFact]
    public async Task Files_are_found_in_every_folder_in_order_of_their_names()
    {
        _folder.Write("files/b.txt", "");
        _folder.Write("files/a/deep/c.txt", "");
        _folder.Write("files/a/deep/not.me", "");
        _folder.Write("files/skip/d.txt", "");
        _folder.Write("files/a/obj/e.txt", "");
        ToolRun run = await _folder.MapAsync(nameof(Sample.Upper), "--engine", "inline", "--files", "files/**/*.txt", "!files/skip/**", "!**/obj/**", "!nowhere/**");

        run.ShouldBe(new ToolRun(ExitCode.Success, "FILES/A/DEEP/C.TXT\nFILES/B.TXT\n", ""));
    }

    [ProcessFact]
    public async Task Matches_that_cannot_be_items_are_reported_and_set_the_exit_code()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere there are no such names");
        _folder.Write("files/a.txt", "");
        await _folder.ShellAsync("mkfifo files/pipe; mkdir files/$'b\\xff'; touch files/$'b\\xff'/lost.txt");
        ToolRun all = await _folder.MapAsync(nameof(Sample.Upper), "--engine", "inline", "--files", "files/**");
        ToolRun without = await _folder.MapAsync(nameof(Sample.Upper), "--engine", "inline", "--files", "files/**", "!files/pipe", "!files/b*/**");
        ToolRun none = await _folder.MapAsync(nameof(Sample.Upper), "--engine", "inline", "--files", "files/pipe");
        await _folder.ShellAsync("rm -r files"); // the runtime cannot

        all.ShouldBe(new ToolRun(ExitCode.InputLost, "FILES/A.TXT\n",
            "samovar: left out: the folder 'files/b\uFFFD': its name is not UTF-8\nsamovar: left out: 'files/pipe' is a pipe, not a regular file\n"));
        without.ShouldBe(new ToolRun(ExitCode.Success, "FILES/A.TXT\n", ""));
        none.ShouldBe(new ToolRun(ExitCode.Usage, "", "samovar: No matching file can be an item: 'files/pipe' is a pipe, not a regular file.\n"));
    }

    [ProcessFact]
    public async Task Shuffle_and_limit_choose_the_same_items_every_time()
    {
        string[] command = ["--range", "1..100", "--shuffle", "--limit", "5", "--engine", "inline"];
        ToolRun first = await _folder.MapAsync(nameof(Sample.Square), command), second = await _folder.MapAsync(nameof(Sample.Square), command);

        first.Output.ShouldBe(second.Output);
        first.Output.ShouldNotBe("1\n4\n9\n16\n25\n");
        first.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Count().ShouldBe(5);
    }

    [ProcessFact]
    public async Task A_dry_run_shows_what_would_be_run_and_runs_nothing()
    {
        ToolRun run = await _folder.MapAsync(nameof(Sample.NotThirteen), "--dry-run", "--workers", "3", "--output", "out.txt", "--", "13", "x");

        run.Output.ShouldBe("int Sample.NotThirteen(int n)\nover arguments, by 3 processes:\n1\t13\n2\tx\n");
        run.ExitCode.ShouldBe(ExitCode.Success);
        File.Exists(_folder.PathOf("out.txt")).ShouldBeFalse();
    }

    [ProcessFact]
    public async Task An_input_that_breaks_off_keeps_what_was_read()
    {
        // Reading a folder as a file fails at the first byte.
        ToolRun folder = await _folder.MapAsync(nameof(Sample.Upper), "--input", ".");
        ToolRun broken = await _folder.ShellAsync("$map Sample.Upper < .");

        folder.ExitCode.ShouldBe(ExitCode.Usage);
        folder.Error.ShouldStartWith("samovar: The input . cannot be read: ");
        broken.ExitCode.ShouldBe(ExitCode.InputLost);
        broken.Error.ShouldStartWith("samovar: reading the input failed: ");
        broken.Error.Count(c => c == '\n').ShouldBe(1);
    }
}
