using Samovar.Chapter.Servers;

namespace Samovar.Cli.Tour;

/// <summary>The HTTP server on this machine that the programs of a lesson request, so that both sides use the same one.</summary>
internal sealed class LessonServer : IDisposable
{
    // Those that the lesson's own program downloads. The last has no extension, which the program reports as an error.
    private static readonly string[] s_files = ["f1040es.pdf", "f1040.pdf", "f1040ez.pdf", "f1040a.pdf", "f1040sb.pdf", "instructions"];

    private readonly LocalServer? _server;

    /// <summary>Starts the server of a lesson; most lessons need none.</summary>
    /// <param name="lesson">The lesson's number.</param>
    public LessonServer(int lesson)
    {
        _server = lesson switch
        {
            3 => new WeatherServer(),
            11 => new PdfServer(),
            _ => null,
        };
        Arguments = _server switch
        {
            WeatherServer weather => [weather.Address.ToString()],
            PdfServer files => [.. s_files.Select(name => new Uri(files.Address, name).ToString())],
            _ => [],
        };
    }

    /// <summary>The arguments that pass the server's address to the lesson's programs.</summary>
    public string[] Arguments { get; }

    public void Dispose() => _server?.Dispose();
}
