using System.Text;

namespace Samovar.Cli.Map.Outputs;

/// <summary>Shortens the text of items and errors to fit in a line.</summary>
internal static class TextFormat
{
    private const int Longest = 80;

    /// <summary>Returns at most <paramref name="longest"/> characters (80 by default), with control characters replaced by spaces.</summary>
    public static string Short(string text, int longest = Longest)
    {
        int length = Math.Min(text.Length, longest);
        if (length < text.Length && char.IsHighSurrogate(text[length - 1])) length--;
        var line = new StringBuilder(length + 1);
        foreach (char c in text.AsSpan(0, length)) line.Append(char.IsControl(c) ? ' ' : c);
        if (length < text.Length) line.Append('…');
        return line.ToString();
    }

    public static string FirstLine(string text)
    {
        int end = text.AsSpan().IndexOfAny('\r', '\n');
        return end < 0 ? text : text[..end];
    }
}
