namespace Samovar.Cli.Tests;

public sealed class CommandLineTests
{
    [ProcessTheory]
    [InlineData("doctr", "unknown command 'doctr'. Did you mean 'doctor'?", "samovar --help")]
    [InlineData("frobnicate", "unknown command 'frobnicate'.", "samovar --help")]
    [InlineData("doctor --jsn", "unknown option '--jsn'. Did you mean '--json'?", "samovar doctor --help")]
    [InlineData("doctor everything", "unknown argument 'everything'.", "samovar doctor --help")]
    [InlineData("--nope", "unknown option '--nope'.", "samovar --help")]
    public async Task A_mistyped_command_line_is_answered_with_a_hint_and_exit_code_2(string line, string mistake, string help)
    {
        ToolRun run = await ToolRun.ToolAsync(line.Split(' '));

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Output.ShouldBeEmpty();
        run.Error.ShouldBe($"samovar: {mistake}\nTry '{help}'.\n");
    }

    [ProcessFact]
    public void A_word_with_an_at_sign_is_a_word_and_names_no_file_with_others()
    {
        const string word = "@notes.txt";
        var parsed = CommandLine.Parse(["map", "t.dll", "--column", word, "--files", "b", word, "--", word]);

        parsed.Errors.ShouldBeEmpty();
        parsed.Tokens.Count(token => token.Value == word && token.Type == System.CommandLine.Parsing.TokenType.Argument).ShouldBe(3);
    }

    [ProcessTheory]
    [InlineData("/h")]
    [InlineData("/?")]
    public void A_word_with_a_slash_is_a_word_and_asks_for_no_help(string word)
    {
        var parsed = CommandLine.Parse(["map", "t.dll", "--column", word]);

        parsed.Errors.ShouldBeEmpty();
        parsed.Tokens[^1].Type.ShouldBe(System.CommandLine.Parsing.TokenType.Argument);
    }

    [ProcessTheory]
    [InlineData("doctor")]
    [InlineData("ps")]
    [InlineData("post-mortem")]
    [InlineData("--help")]
    [InlineData("completion bash")]
    public async Task An_output_that_cannot_be_written_is_no_fault_of_the_tool(string line)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full is Linux's");
        ToolRun run = await ToolRun.ProgramAsync("bash", ["-c", $"exec dotnet '{ToolRun.ToolPath}' {line} > /dev/full"]);

        run.ShouldBe(new ToolRun(ExitCode.OutputLost, "", "samovar: The output cannot be written: No space left on device.\n"));
    }

    [ProcessTheory]
    [InlineData("map t.dll -- 1")]
    [InlineData("new map")]
    public async Task A_current_folder_that_is_gone_is_named(string line)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere it cannot be removed");
        string folder = Directory.CreateTempSubdirectory("samovar-gone-").FullName;
        ToolRun run = await ToolRun.ProgramAsync("bash", ["-c", $"cd '{folder}'; rmdir '{folder}'; exec dotnet '{ToolRun.ToolPath}' {line}"]);

        run.ExitCode.ShouldBe(ExitCode.Usage, run.Error);
        run.Error.ShouldStartWith($"samovar: The current folder {folder} no longer exists or cannot be reached: ");
        run.Error.ShouldNotContain("   at ");
    }

    [ProcessFact]
    public async Task Without_arguments_the_tool_shows_its_help()
    {
        ToolRun none = await ToolRun.ToolAsync();
        ToolRun asked = await ToolRun.ToolAsync("--help");

        none.ExitCode.ShouldBe(ExitCode.Success);
        none.Output.ShouldBe(asked.Output);
        none.Output.ShouldContain("samovar [command] [options]");
    }

    [ProcessFact]
    public async Task The_version_is_the_library_s() =>
        (await ToolRun.ToolAsync("--version")).Output.ShouldStartWith(typeof(FutureState).Assembly.GetName().Version!.ToString(3));

    [ProcessFact]
    public async Task Every_command_that_does_something_shows_examples_of_itself()
    {
        string[] commands = [.. All(CommandLine.Root, "").Where(c => c.Command.Action is not null).Select(c => c.Name)];
        commands.ShouldBe(
            [
                "cluster dead drop", "cluster dead list", "cluster dead retry", "cluster dead show", "cluster drain", "cluster key", "cluster status",
                "cache clear", "cache list", "completion", "dashboard", "doctor", "map", "new map", "post-mortem", "ps", "top", "tour", "trace", "worker",
            ],
            ignoreOrder: true);
        foreach (string command in commands)
            (await ToolRun.ToolAsync([.. command.Split(' '), "--help"])).Output.ShouldMatch($"Examples:\n  [^\n]*samovar {command}");
    }

    private static IEnumerable<(System.CommandLine.Command Command, string Name)> All(System.CommandLine.Command parent, string name) =>
        parent.Subcommands.SelectMany(c => All(c, $"{name} {c.Name}".Trim()).Prepend((c, $"{name} {c.Name}".Trim())));

    [ProcessFact]
    public void Every_command_s_help_says_what_it_does()
    {
        foreach (var (command, _) in All(CommandLine.Root, ""))
        {
            command.Description.ShouldNotBeNullOrWhiteSpace();
            command.Options.ShouldAllBe(option => !string.IsNullOrWhiteSpace(option.Description));
        }
    }

    [ProcessFact]
    public async Task Each_help_ends_with_its_own_examples_and_no_other_s()
    {
        string root = (await ToolRun.ToolAsync("--help")).Output;
        string doctor = (await ToolRun.ToolAsync("doctor", "--help")).Output;

        root.ShouldMatch("Examples:\n(  samovar [^\n]+\n)+  samovar doctor +report");
        doctor.ShouldMatch("Examples:\n  samovar doctor +print the report");
        doctor.ShouldNotContain("the same report as JSON");
    }
}
