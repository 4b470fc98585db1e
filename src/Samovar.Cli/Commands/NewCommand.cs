using System.CommandLine;

namespace Samovar.Cli.Commands;

/// <summary><c>samovar new map</c>: a file to begin with, which runs as it is.</summary>
internal static class NewCommand
{
    public const string Starter =
        """
        // Run it over files:        samovar map NAME --files '**/*.txt'
        // over lines from a pipe:   cat list.txt | samovar map NAME --output counts.csv
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
        var file = new Argument<string>("FILE") { Description = "Where to write it.", DefaultValueFactory = _ => "map.cs" };
        var map = new Command("map", "Writes a C# file with a method for 'samovar map'. Exit code 2: there is such a file already.") { file };
        map.SetAction(parsed => Write(parsed.GetValue(file)!));
        var command = new Command("new", "Writes a file to begin with.") { map };
        Examples.AddTo(map,
        [
            ("samovar new map", "writes map.cs"),
            ("samovar map map.cs --files '**/*.cs'", "runs it"),
        ]);
        return command;
    }

    private static int Write(string path)
    {
        try
        {
            using var file = new StreamWriter(new FileStream(path, FileMode.CreateNew));
            file.Write(Starter.Replace("NAME", path, StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MistakeException(File.Exists(path) ? $"{path} is there already. Name another file." : $"{path} cannot be written: {e.Message}");
        }

        Console.Out.WriteLine($"{path} is written. Try: samovar map {path} --files '*'");
        return ExitCode.Success;
    }
}
