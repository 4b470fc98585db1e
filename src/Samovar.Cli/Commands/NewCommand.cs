using System.CommandLine;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar new map</c>: creates a starter file, which runs unchanged.</summary>
internal static class NewCommand
{
    public const string Starter =
        """
        // Run it over files:             samovar map NAME --files '**/*.txt'
        // Run it over lines of a pipe:   cat list.txt | samovar map NAME --output counts.csv
        public record Count(string File, long Lines, long Bytes);

        public static class Work
        {
            // One item in, one result out. The parameter may be a string, a number, a record (from JSON or CSV), a FileInfo, …
            public static Count CountLines(FileInfo file) =>
                new(file.Name, File.ReadLines(file.FullName).LongCount(), file.Length);
        }

        """;

    public static Command Create()
    {
        var file = new Argument<string>("FILE")
        {
            Description = "The file to create; .cs is appended if the name lacks it.",
            DefaultValueFactory = _ => "map.cs",
        };
        var map = new Command("map", "Creates a C# file with a method to run with 'samovar map'. Exits with code 2 if it exists.") { file };
        map.SetAction(parsed => Write(parsed.GetValue(file)!));
        var command = new Command("new", "Creates a starter file.") { map };
        Examples.AddTo(map,
        [
            ("samovar new map", "create map.cs"),
            ("samovar map map.cs --files '**/*.cs'", "run its method over files"),
        ]);
        return command;
    }

    private static int Write(string name)
    {
        CurrentFolder.Require();
        string path = WithExtension(name);
        try
        {
            using var file = new StreamWriter(new FileStream(path, FileMode.CreateNew));
            file.Write(Starter.Replace("NAME", Word(path), StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(File.Exists(path) ? $"{path} already exists. Choose another name." : $"{path} cannot be written: {e.Message}");
        }

        Console.Out.WriteLine($"Created {path}. Try: samovar map {Word(path)} --files '*'");
        return ExitCode.Success;
    }

    // samovar map recognises a C# file by its extension.
    private static string WithExtension(string name) =>
        Path.EndsInDirectorySeparator(name) || Directory.Exists(name) ? throw new UsageException($"{name} is a folder. Name a file in it.")
        : Path.GetExtension(name).Equals(".cs", StringComparison.OrdinalIgnoreCase) ? name
        : name + ".cs";

    /// <summary>Quotes a path for a shell where necessary.</summary>
    private static string Word(string path) =>
        path.All(static c => char.IsLetterOrDigit(c) || c is '.' or '_' or '-' or '/' or '\\' or ':') ? path : $"'{path.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
