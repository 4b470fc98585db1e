using System.Text.RegularExpressions;

namespace Samovar.Tests.Architecture;

/// <summary>Holds files and types to a length that one can read: the library, the tools, the tests, the benchmarks and the examples.</summary>
public sealed partial class SizeTests
{
    private const int MostInFile = 400;
    private const int MostInType = 600; // over all its files

    private static readonly string[] s_folders = ["src", "tests", "benchmarks", "examples"];

    [ThreadFact]
    public void No_file_is_longer_than_one_idea() =>
        s_folders.SelectMany(Repository.Sources).Where(static file => file.Lines.Length > MostInFile)
            .Select(static file => $"{file.Path}: {file.Lines.Length} lines").ShouldBeEmpty();

    [ThreadFact]
    public void No_type_is_longer_than_one_idea_in_several_files() =>
        Lengths(s_folders.SelectMany(Repository.Sources)).Where(static type => type.Value > MostInType)
            .Select(static type => $"{type.Key}: {type.Value} lines").ShouldBeEmpty();

    [ThreadFact]
    public void All_lines_of_a_type_are_counted_with_its_comments_and_attributes() =>
        Lengths(
        [
            ("src/A/One.cs", ["using System;", "", "namespace N;", "", "/// <summary>One.</summary>", "[Obsolete]", "internal sealed partial class One<T>", "{", "    int _x;", "}", "", "internal enum E;"]),
            ("src/A/One.More.cs", ["namespace N;", "", "internal sealed partial class One<T>", "    where T : class", "{", "}"]),
            ("src/B/One.cs", ["namespace N;", "internal record One(", "    int X);", "// nothing", "internal struct Two", "{", "}"]),
        ]).ShouldBe(new Dictionary<string, int>(StringComparer.Ordinal) { ["N.One<T>"] = 10, ["N.E"] = 1, ["N.One"] = 2, ["N.Two"] = 3 }, ignoreOrder: true);

    /// <summary>Lines of each type, by its name: from its comment to the brace, in the first column, that ends it.</summary>
    private static Dictionary<string, int> Lengths(IEnumerable<(string Path, string[] Lines)> files)
    {
        var lengths = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (path, lines) in files)
        {
            string space = string.Join('/', path.Split('/').Take(2)); // examples have no namespace
            string? type = null;
            bool hasBody = false;
            int before = 0;
            foreach (string line in lines)
            {
                if (Namespace().Match(line) is { Success: true } named) space = named.Groups["name"].Value;
                if (type is null && Declaration().Match(line) is { Success: true } declared)
                {
                    type = $"{space}.{declared.Groups["name"].Value}";
                    lengths[type] = lengths.GetValueOrDefault(type) + before;
                    hasBody = false;
                }

                before = line.StartsWith("///", StringComparison.Ordinal) || line.StartsWith('[') ? before + 1 : 0;
                if (type is null) continue;
                lengths[type]++;
                hasBody |= line.StartsWith('{');
                if (line.StartsWith('}') || (!hasBody && (line.EndsWith(';') || line.EndsWith('}')))) type = null;
            }
        }

        return lengths;
    }

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^((public|internal|private|protected|file|static|sealed|abstract|partial|readonly|ref|unsafe) )*((record )?(class|struct)|interface|enum|record) (?<name>\w+(<[^>]*>)?)",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Declaration();
}
