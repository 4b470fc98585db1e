using Spectre.Console;

namespace Samovar.Cli;

/// <summary>Writes for people: colour and the terminal's width only where there is a terminal.</summary>
internal static class Terminal
{
    /// <summary>
    /// Writes a page to standard output. Piped, it has no escape codes, no line is broken and none ends in blanks; NO_COLOR
    /// (https://no-color.org), set to anything, and TERM=dumb take colour away on a terminal too.
    /// </summary>
    public static void Write(Action<IAnsiConsole> page)
    {
        if (!Console.IsOutputRedirected)
        {
            page(Open(Console.Out, IsPlain));
            return;
        }

        using var text = new StringWriter();
        IAnsiConsole console = Open(text, plain: true);
        console.Profile.Width = 10_000;
        page(console);
        foreach (ReadOnlySpan<char> line in text.ToString().TrimEnd().EnumerateLines()) Console.Out.WriteLine(line.TrimEnd());
    }

    /// <summary>Whether stderr is a terminal whose cursor can be moved, for displays that change. It says nothing of colours.</summary>
    public static bool HasCursorOnError => !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb"
        && Open(Console.Error, plain: false).Profile.Capabilities.Ansi;

    /// <summary>Whether people want no colours, or the terminal has none.</summary>
    public static bool IsPlain => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        || Environment.GetEnvironmentVariable("TERM") == "dumb";

    /// <summary>Whether the terminal breaks lines that no longer fit when it becomes narrower. Most do; xterm, GNU screen and the Linux console cut
    /// them, and are known by the variables that they set.</summary>
    public static bool Reflows => string.IsNullOrEmpty(Environment.GetEnvironmentVariable("XTERM_VERSION"))
        && Environment.GetEnvironmentVariable("STY") is null or ""
        && Environment.GetEnvironmentVariable("TERM") != "linux";

    private static IAnsiConsole Open(TextWriter output, bool plain) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
        ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
        Interactive = InteractionSupport.No,
        Out = new AnsiConsoleOutput(output),
        // Otherwise the library changes what it writes when it finds a build server's variables.
        Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
    });
}
