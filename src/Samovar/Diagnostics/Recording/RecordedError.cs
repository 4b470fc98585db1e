namespace Samovar.Diagnostics.Recording;

/// <summary>The error of an attempt, as text: the exception itself would keep everything alive that it refers to.</summary>
/// <param name="Type">The type's full name.</param>
/// <param name="Message">The message.</param>
/// <param name="Stack">The whole text of the exception.</param>
internal sealed record RecordedError(string Type, string Message, string Stack)
{
    private const int LongestMessage = 1_024;
    private const int LongestStack = 8 * 1_024;

    /// <summary>The innermost frame of the stack trace that is not in the runtime; empty without such a frame. Errors with the same
    /// type, function and frame belong together.</summary>
    public string Frame { get; } = FrameOf(Stack);

    /// <summary>Returns the text of an exception. Its members may be code of the program, which may throw.</summary>
    /// <param name="type">The type's name.</param>
    /// <param name="error">The exception.</param>
    public static RecordedError Of(string type, Exception error)
    {
        try
        {
            return new RecordedError(type, Cut(error.Message, LongestMessage), Cut(error.ToString(), LongestStack));
        }
        catch (Exception fromError)
        {
            string text = $"(the text of the exception cannot be read: {fromError.GetType().Name})";
            return new RecordedError(type, text, text);
        }
    }

    private static string Cut(string text, int most) => text.Length <= most ? text : string.Concat(text.AsSpan(0, most), "…");

    private static string FrameOf(string stack)
    {
        foreach (var line in stack.AsSpan().EnumerateLines())
        {
            var frame = line.Trim();
            if (!frame.StartsWith("at ", StringComparison.Ordinal)) continue;
            frame = frame[3..];
            if (!frame.StartsWith("System.", StringComparison.Ordinal)) return frame.ToString();
        }

        return "";
    }
}
