using System.Runtime.Versioning;

namespace Samovar.Cli.Tests.Map;

/// <summary><c>samovar map --command … --cache</c>: commands whose output is kept do not run again.</summary>
[SupportedOSPlatform("linux")]
public sealed class CommandCacheTests : IDisposable
{
    // Each run of a command leaves a file, whose name the command does not contain.
    private const string Counts = "mktemp -q -p \"$SAMPLE_FOLDER/runs\" >/dev/null; ";

    private readonly MapFolder _folder = new();

    public CommandCacheTests() => Directory.CreateDirectory(_folder.PathOf("runs"));

    public void Dispose() => _folder.Dispose();

    private int Runs => Directory.GetFiles(_folder.PathOf("runs")).Length;

    [ProcessFact]
    public async Task The_output_of_a_later_run_is_the_same_without_running_the_command()
    {
        const string command = Counts + "echo out {}; echo err {} >&2; printf 'no newline' 2>>notes"; // a file to which output goes is no input
        string[] line = ["-k", "--tag", "--results", "kept", "--job-log", "log", "--progress", "json", "--command", command, "--", "tea", "two  words"];
        ToolRun first = await MapAsync(line);
        first.ExitCode.ShouldBe(ExitCode.Success, first.Error);
        Runs.ShouldBe(2);
        Directory.Delete(_folder.PathOf("kept"), recursive: true);
        File.Delete(_folder.PathOf("log"));

        ToolRun again = await MapAsync(line);

        Runs.ShouldBe(2);
        again.Output.ShouldBe(first.Output);
        again.Output.ShouldBe("tea\tout tea\ntea\tno newlinetwo  words\tout two  words\ntwo  words\tno newline");
        again.Error.ShouldContain("err two  words");
        again.Error.ShouldContain("\"succeeded\":2,\"cached\":2,");
        File.ReadAllText(_folder.PathOf("kept/2/stdout")).ShouldBe("out two  words\nno newline");
        File.ReadAllText(_folder.PathOf("kept/2/stderr")).ShouldBe("err two  words\n");
        File.ReadAllText(_folder.PathOf("kept/2/exit")).ShouldBe("0\n");
        _folder.Log("log").ShouldAllBe(static item => item.GetProperty("cached").GetBoolean() && item.GetProperty("exit").GetInt32() == 0);
    }

    [ProcessFact]
    public async Task A_failure_is_never_kept()
    {
        const string command = Counts + "echo {}; test {} != bad";
        (await MapAsync("-k", "--command", command, "--", "bad", "good")).ExitCode.ShouldBe(ExitCode.ItemsFailed);
        ToolRun again = await MapAsync("-k", "--retries", "1", "--command", command, "--", "bad", "good");

        again.Output.ShouldBe("bad\ngood\n");
        again.ExitCode.ShouldBe(ExitCode.ItemsFailed);
        Runs.ShouldBe(4); // the second run and its retry ran only the failed item
    }

    [ProcessFact]
    public async Task Long_output_and_output_in_lines_are_kept_whole()
    {
        await _folder.ShellAsync("head -c 3000000 /dev/urandom | base64 > noise");
        const string command = Counts + "cat {}; cat {} >&2";
        const string run = $"$tool map --cache-folder cache --line-buffer --command '{command}' -- noise 2>errors | cmp - noise && cmp errors noise";

        (await _folder.ShellAsync($"{run} && {run}")).ShouldBe(new ToolRun(ExitCode.Success, "", ""));
        Runs.ShouldBe(1);
        (await _folder.ShellAsync(run.Replace("--line-buffer", "--tag").Replace("| cmp", "| sed 's/^noise.//' | cmp").Replace(" && cmp", " && sed -i 's/^noise.//' errors && cmp")))
            .ShouldBe(new ToolRun(ExitCode.Success, "", ""));
        Runs.ShouldBe(1);
    }

    [ProcessFact]
    public async Task Items_have_one_result_if_the_command_uses_the_same_of_them()
    {
        _folder.Write("items.csv", "drink,price\ntea,3\ncup of tea,3\nwater,0\n");
        await MapAsync("--workers", "1", "-k", "--command", Counts + "echo costs {price}", "--input", "items.csv", "--limit", "1");
        ToolRun run = await MapAsync("-k", "--tag", "--command", Counts + "echo costs {price}", "--input", "items.csv");

        run.Output.ShouldBe("tea\t3\tcosts 3\ncup of tea\t3\tcosts 3\nwater\t0\tcosts 0\n");
        Runs.ShouldBe(2);
    }

    [ProcessFact]
    public async Task A_changed_file_that_the_command_or_the_item_names_makes_a_new_result()
    {
        _folder.Write("score.sh", "cat $1 other; mktemp -q -p \"$SAMPLE_FOLDER/runs\" >/dev/null");
        _folder.Write("other", "1\n");
        _folder.Write("item", "a\n");
        string[] line = ["--cache-depends-on", "other", "--command", "sh score.sh {}", "--", "item"];
        (await MapAsync(line)).Output.ShouldBe("a\n1\n");
        (await MapAsync(line)).Output.ShouldBe("a\n1\n");
        Runs.ShouldBe(1);

        _folder.Write("item", "bb\n");
        (await MapAsync(line)).Output.ShouldBe("bb\n1\n");
        _folder.Write("other", "2\n");
        (await MapAsync(line)).Output.ShouldBe("bb\n2\n");
        _folder.Write("score.sh", "echo new");
        (await MapAsync(line)).Output.ShouldBe("new\n");
        (await MapAsync("--command", "echo {%} {}", "--", "cache")).Error.ShouldContain("item 1 names a folder, cache; results of items that name folders are not kept");
        (await MapAsync("--command", "cp item other; : {}", "--", "1")).Error.ShouldContain("other has changed during the run");
    }

    [ProcessFact]
    public async Task A_cache_that_cannot_be_used_does_not_stop_the_run()
    {
        string[] line = ["--command", Counts + "echo {}", "--", "tea"];
        await MapAsync(line);
        File.WriteAllText(Directory.GetFiles(_folder.PathOf("cache"), "index.db", SearchOption.AllDirectories).ShouldHaveSingleItem(), "no index");
        ToolRun damaged = await MapAsync(line);
        damaged.Output.ShouldBe("tea\n");
        damaged.Error.ShouldContain("is damaged");
        (await MapAsync(line)).ShouldBe(new ToolRun(ExitCode.Success, "tea\n", ""));
        Runs.ShouldBe(2);

        ToolRun unusable = await _folder.ToolAsync(["map", "--cache-folder", "/proc/none", .. line]);
        unusable.Output.ShouldBe("tea\n");
        unusable.Error.ShouldContain("The result cache '/proc/none' cannot be used");
    }

    [ProcessFact]
    public async Task Mistakes_are_one_clear_error()
    {
        _folder.Write("file", "");
        await ShouldRefuseAsync("samovar: --cache-depends-on has no effect without --cache. Remove it, or add --cache.", "--cache-depends-on", "file");
        await ShouldRefuseAsync("samovar: --cache-depends-on takes files, and there is no file none.", "--cache", "--cache-depends-on", "none");
        await ShouldRefuseAsync("samovar: --cache-depends-on takes files, and runs is a folder. Name the files in it.", "--cache", "--cache-depends-on", "runs");
        await ShouldRefuseAsync($"samovar: '{_folder.PathOf("file")}' is a file, and a result cache needs a folder. Name another one, or remove the file.", "--cache-folder", "file");
    }

    private async Task ShouldRefuseAsync(string error, params string[] options) =>
        (await _folder.ToolAsync(["map", .. options, "--command", "echo {}", "--", "1"])).ShouldBe(new ToolRun(ExitCode.Usage, "", error + "\n"));

    private Task<ToolRun> MapAsync(params string[] line) => _folder.ToolAsync(["map", "--cache-folder", "cache", .. line]);
}
