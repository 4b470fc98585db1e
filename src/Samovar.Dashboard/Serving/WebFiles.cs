using System.Reflection;

namespace Samovar.Dashboard.Serving;

/// <summary>The files of the dashboard's pages, which are resources of this assembly.</summary>
internal static class WebFiles
{
    private static readonly Assembly s_assembly = typeof(WebFiles).Assembly;

    /// <summary>The files, with their media types.</summary>
    public static IReadOnlyList<(string Name, string Type)> All { get; } =
    [
        ("dashboard.html", "text/html; charset=utf-8"),
        ("dashboard.js", "text/javascript; charset=utf-8"),
        ("dashboard.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ];

    /// <summary>Returns the contents of a file.</summary>
    public static byte[] Read(string name)
    {
        using var resource = s_assembly.GetManifestResourceStream($"web/{name}") ?? throw new FileNotFoundException($"The assembly has no file '{name}'.");
        byte[] contents = new byte[resource.Length];
        resource.ReadExactly(contents);
        return contents;
    }
}
