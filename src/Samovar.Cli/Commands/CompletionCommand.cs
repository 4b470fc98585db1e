using System.CommandLine;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar completion</c>: what makes a shell complete the tool's words. The shell asks the tool itself (<c>[suggest]</c>).</summary>
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
        var shell = new Argument<string>("SHELL") { Description = string.Join(", ", s_scripts.Keys) + "." };
        shell.AcceptOnlyFromAmong([.. s_scripts.Keys]);
        var command = new Command("completion", "Prints a script that makes a shell complete the words of samovar.") { shell };
        command.SetAction(parsed => Console.Out.WriteLine(s_scripts[parsed.GetValue(shell)!]));
        Examples.AddTo(command,
        [
            ("source <(samovar completion bash)", "in ~/.bashrc"),
            ("samovar completion fish | source", "in config.fish"),
        ]);
        return command;
    }
}
