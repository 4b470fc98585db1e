using System.CommandLine;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar completion</c>: prints a completion script for a shell. The script queries the tool itself (<c>[suggest]</c>).</summary>
internal static class CompletionCommand
{
    private static readonly Dictionary<string, string> s_scripts = new()
    {
        ["bash"] =
            """
            _samovar() {
                local IFS=$'\n'
                COMPREPLY=($(compgen -W "$(samovar "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _samovar samovar
            """,
        ["zsh"] =
            """
            _samovar() {
                local words=("${(@f)$(samovar "[suggest:${#BUFFER}]" "$BUFFER" 2>/dev/null)}")
                [[ -n "$words" ]] && compadd -a words || _files
            }
            compdef _samovar samovar
            """,
        ["fish"] =
            """
            complete -c samovar -a '(samovar "[suggest:"(commandline -C)"]" (commandline -p) 2>/dev/null)'
            """,
        ["pwsh"] =
            """
            Register-ArgumentCompleter -Native -CommandName samovar -ScriptBlock {
                param($word, $ast, $position)
                samovar "[suggest:$position]" "$ast" 2>$null | Where-Object { $_ -like "$word*" } |
                    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            }
            """,
    };

    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = $"The shell: {string.Join(", ", s_scripts.Keys)}." };
        shell.AcceptOnlyFromAmong([.. s_scripts.Keys]);
        var command = new Command("completion", "Prints a shell completion script.") { shell };
        command.SetAction(parsed => Console.Out.WriteLine(s_scripts[parsed.GetValue(shell)!]));
        Examples.AddTo(command,
        [
            ("source <(samovar completion bash)", "load completions for bash (add to ~/.bashrc)"),
            ("samovar completion fish | source", "load completions for fish (add to config.fish)"),
        ]);
        return command;
    }
}
