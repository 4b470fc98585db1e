using System.Buffers;

namespace Samovar.Cli.Map.Shell;

/// <summary>Quotes text for a POSIX shell, for display.</summary>
internal static class ShellQuote
{
    private static readonly SearchValues<char> s_plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+./:=@%,^");

    /// <summary>Returns a word that the shell reads as exactly this text.</summary>
    public static string Word(string text) =>
        text.Length > 0 && !text.AsSpan().ContainsAnyExcept(s_plain) ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
