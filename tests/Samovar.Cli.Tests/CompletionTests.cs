namespace Samovar.Cli.Tests;

/// <summary>What a shell completes, asked through the script that is given to it.</summary>
public sealed class CompletionTests
{
    [ProcessTheory]
    [InlineData("samovar ma", "map")]
    [InlineData("samovar map x.cs --job", "--job-log")]
    [InlineData("samovar new ", "map")]
    [InlineData("samovar completion zs", "zsh")]
    [InlineData("samovar wor", "worker")]
    [InlineData("samovar po", "post-mortem")]
    [InlineData("samovar post-mortem --re", "--remove")]
    [InlineData("samovar worker --drain", "--drain-timeout")]
    [InlineData("samovar to", "top")]
    [InlineData("samovar top --on", "--once")]
    [InlineData("samovar cluster ", "status")]
    [InlineData("samovar cluster dead re", "retry")]
    [InlineData("samovar cluster drain --key", "--key-file")]
    [InlineData("samovar map TESTS Sample.Tw", "Sample.Twice")]
    public async Task Bash_completes_commands_options_values_and_methods(string line, string word)
    {
        line = line.Replace("TESTS", Map.MapFolder.Target, StringComparison.Ordinal);
        ToolRun run = await ToolRun.ProgramAsync(
            "bash",
            [
                "-c", """
                      samovar() { dotnet "$tool" "$@"; }
                      source <(samovar completion bash)
                      COMP_LINE=$line COMP_POINT=${#line}
                      read -ra COMP_WORDS <<<"$line"
                      [[ $line == *' ' ]] && COMP_WORDS+=('')
                      COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                      _samovar
                      printf '%s\n' "${COMPREPLY[@]}"
                      """,
            ],
            [("tool", ToolRun.ToolPath), ("line", line)]);

        run.Error.ShouldBeEmpty();
        run.Output.Split('\n').ShouldContain(word);
    }

    [ProcessTheory]
    [InlineData("map ")]
    [InlineData("map nothing.dll ")]
    [InlineData("map \"\" ")]
    [InlineData("map TESTS -- ")]
    [InlineData("doctor ")]
    public void Neither_paths_for_help_nor_methods_are_offered_where_none_belong(string line)
    {
        string[] offered = [.. CommandLine.Root.Parse(line.Replace("TESTS", Map.MapFolder.Target, StringComparison.Ordinal)).GetCompletions(line.Length)
            .Select(static item => item.Label)];

        offered.ShouldNotContain(static word => word.StartsWith('/') || word.StartsWith("Sample.", StringComparison.Ordinal));
    }

    [ProcessTheory]
    [InlineData("zsh", "compdef _samovar samovar")]
    [InlineData("fish", "complete -c samovar")]
    [InlineData("pwsh", "Register-ArgumentCompleter")]
    public async Task Other_shells_get_their_script(string shell, string registers) =>
        (await ToolRun.ToolAsync("completion", shell)).Output.ShouldContain(registers);
}
