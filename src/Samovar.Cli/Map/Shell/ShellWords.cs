using System.Buffers;

namespace Samovar.Cli.Map.Shell;

/// <summary>Words that have a meaning of their own in a shell, and programs that run a script.</summary>
internal static class ShellWords
{
    // Reserved words, and builtins that change the shell itself, so that no program of that name does the same.
    private static readonly HashSet<string> s_shellOnly = new(StringComparer.Ordinal)
    {
        "if", "then", "else", "elif", "fi", "do", "done", "case", "esac", "while", "until", "for", "{", "}", "!", "function", "[[",
        ".", ":", "alias", "break", "cd", "command", "continue", "eval", "exec", "exit", "export", "hash", "local", "read", "readonly", "return", "set", "shift",
        "source", "times", "trap", "type", "ulimit", "umask", "unset", "wait",
    };

    private static readonly SearchValues<char> s_nameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    private static readonly HashSet<string> s_shells = new(StringComparer.Ordinal) { "sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "busybox" };

    /// <summary>Returns whether a command that starts with this unquoted word needs a shell.</summary>
    /// <param name="word">The word, up to its first placeholder.</param>
    /// <param name="isWhole">Whether it has no placeholder.</param>
    public static bool NeedsShell(string word, bool isWhole)
    {
        if (isWhole && s_shellOnly.Contains(word)) return true;
        int equals = word.IndexOf('='); // NAME=value before the program
        return equals > 0 && !char.IsAsciiDigit(word[0]) && word.AsSpan(0, equals).IndexOfAnyExcept(s_nameCharacters) < 0;
    }

    /// <summary>Refuses a placeholder in the script of <c>sh -c</c> or <c>eval</c>: there the text of an item would be run.</summary>
    /// <param name="words">The words of a simple command.</param>
    /// <exception cref="UsageException">There is such a placeholder.</exception>
    public static void RefuseInnerScript(IReadOnlyList<List<TemplatePiece>> words)
    {
        for (int i = 0; i < words.Count; i++)
        {
            string? word = LiteralOf(words[i]);
            if (word is null) continue;
            string name = word[(word.LastIndexOf('/') + 1)..];
            if (name == "eval" && i == 0 && words.Skip(1).Select(PlaceholderOf).FirstOrDefault(p => p is not null) is { } evaluated)
                throw Refusal(evaluated, "eval", "");
            if (!s_shells.Contains(name)) continue;
            for (int k = i + 1; k + 1 < words.Count && LiteralOf(words[k]) is { } option && (option.StartsWith('-') || s_shells.Contains(option)); k++)
            {
                if (option is ['-', not '-', ..] && option.Contains('c') && PlaceholderOf(words[k + 1]) is { } inner) throw Refusal(inner, $"{name} {option}", $", or pass the item to it: {name} {option} '… \"$1\" …' {name} {inner}");
            }
        }
    }

    private static UsageException Refusal(string placeholder, string command, string alternative) => new(
        $"The placeholder {placeholder} is inside the script of '{command}', which would run the text of an item as code. "
        + $"Write the script itself as the command, because samovar runs it with {CommandTemplate.ShellPath}{alternative}.");

    private static string? LiteralOf(List<TemplatePiece> word) => word switch
    {
        [] => "",
        [{ Literal: { } literal }] => literal,
        _ => null,
    };

    private static string? PlaceholderOf(List<TemplatePiece> word) => word.Find(p => p.Placeholder is not null).Placeholder?.Text;
}
