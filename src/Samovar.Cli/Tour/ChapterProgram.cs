using System.Globalization;

namespace Samovar.Cli.Tour;

/// <summary>A program of <c>examples/chapter</c>: compiled, with its source next to it, in a folder of the tool.</summary>
/// <param name="Number">Its place in the chapter, from 1.</param>
/// <param name="Title">A word or two.</param>
/// <param name="Work">What it does: the first comment of its source.</param>
/// <param name="Source">Its path in the repository.</param>
/// <param name="Assembly">The path of what was compiled.</param>
/// <param name="Python">The path of the Python program that does the same work; null if the lesson has none.</param>
internal sealed record ChapterProgram(int Number, string Title, string Work, string Source, string Assembly, string? Python)
{
    /// <summary>How many there are. The grammar of every command is built at each start; the folder is read for a tour only.</summary>
    public const int Count = 14;

    private const string Comment = "// ";

    /// <summary>The path of the Python program in the repository; null if the lesson has none.</summary>
    public string? PythonSource => Python is null ? null : $"examples/chapter/python/{Path.GetFileName(Python)}";

    /// <summary>The line that the tour types where the program waits for one; null where it reads nothing.</summary>
    public string? TypedLine => Number == 2 ? "samovar" : null;

    /// <summary>All of them, in the chapter's order.</summary>
    /// <exception cref="UsageException">They are not there.</exception>
    public static IReadOnlyList<ChapterProgram> All()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "chapter");
        ChapterProgram[] programs = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.cs").Order(StringComparer.Ordinal).Select(Read)] : [];
        return programs.Length > 0 ? programs : throw new UsageException($"The programs of the tour are missing: they belong in {folder}. Install the tool again.");
    }

    // 05-no-global-lock.cs is "5 No global lock".
    private static ChapterProgram Read(string source)
    {
        string name = Path.GetFileNameWithoutExtension(source);
        string[] parts = name.Split('-', 2);
        string title = char.ToUpperInvariant(parts[1][0]) + parts[1][1..].Replace('-', ' ');
        string work = File.ReadLines(source).First(static line => line.StartsWith(Comment, StringComparison.Ordinal))[Comment.Length..];
        string python = Path.Combine(Path.GetDirectoryName(source)!, "python", $"{name}.py");
        return new(
            int.Parse(parts[0], CultureInfo.InvariantCulture), title, work, $"examples/chapter/{name}.cs", Path.ChangeExtension(source, ".dll"),
            File.Exists(python) ? python : null);
    }
}
