using Spectre.Console;

namespace Samovar.Cli;

/// <summary>Writes pages to standard output, with colour and wrapping only on a terminal.</summary>
internal static class Terminal
{
    /// <summary>
    /// Writes a page to standard output. Redirected output has no escape codes, no wrapped lines and no trailing spaces. On a terminal,
    /// NO_COLOR (https://no-color.org) with any value and TERM=dumb turn colour off.
    /// </summary>
    public static void Write(Action<IAnsiConsole> page)
    {
        if (Console.IsOutputRedirected) WritePlain(page, Console.Out);
        else page(Open(Console.Out, IsPlain));
    }

    /// <summary>Writes a page as to redirected output.</summary>
    public static void WritePlain(Action<IAnsiConsole> page, TextWriter output)
    {
        using var text = new StringWriter();
        IAnsiConsole console = Open(text, plain: true);
        console.Profile.Width = 10_000;
        page(console);
        foreach (ReadOnlySpan<char> line in text.ToString().TrimEnd().EnumerateLines()) output.WriteLine(line.TrimEnd());
    }

    /// <summary>Returns the terminal's size, in cells.</summary>
    public static (int Width, int Height) Size()
    {
        int width = Console.WindowWidth, height = Console.WindowHeight;
        return (width > 0 ? width : 80, height > 0 ? height : 24);
    }

    /// <summary>Gets whether standard output is a terminal whose cursor can be moved, as live displays need. Independent of colour.</summary>
    public static bool HasCursorOnOutput => !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb"
        && Open(Console.Out, plain: false).Profile.Capabilities.Ansi;

    /// <summary>Gets whether standard error is a terminal whose cursor can be moved, as live displays need. Independent of colour.</summary>
    public static bool HasCursorOnError => !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb"
        && Open(Console.Error, plain: false).Profile.Capabilities.Ansi;

    /// <summary>Gets whether colour is off: by NO_COLOR, or because the terminal has none.</summary>
    public static bool IsPlain => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        || Environment.GetEnvironmentVariable("TERM") == "dumb";

    /// <summary>Gets whether the terminal rewraps lines when it becomes narrower. Most do; xterm, GNU screen and the Linux console truncate
    /// them, and are recognised by the environment variables that they set.</summary>
    public static bool Reflows => string.IsNullOrEmpty(Environment.GetEnvironmentVariable("XTERM_VERSION"))
        && Environment.GetEnvironmentVariable("STY") is null or ""
        && Environment.GetEnvironmentVariable("TERM") != "linux";

    private static IAnsiConsole Open(TextWriter output, bool plain) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
        ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
        Interactive = InteractionSupport.No,
        Out = new AnsiConsoleOutput(output),
        // Without this, the library changes its output when it detects a build server.
        Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
    });
}
