using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Samovar.Tests.Architecture;

public sealed partial class SourceTests
{
    [ThreadFact]
    public void Synchronisation_points_come_at_least_in_pairs() =>
        LonelyLabels(Repository.Sources()).ShouldBeEmpty();

    [ThreadFact]
    public void A_synchronisation_point_without_its_other_side_is_noticed() =>
        LonelyLabels(
        [
            ("a.cs", ["x = 1; // SYNC: slot published", "// SYNC: reader gone. The writer's side is in b.cs."]),
            ("b.cs", ["y = x; // SYNC: slot published", "// SYNC: reader went"]),
        ])
        .ShouldBe(["a.cs:2: reader gone", "b.cs:2: reader went"], ignoreOrder: true);

    [ThreadFact]
    public void The_library_depends_on_logging_abstractions_and_nothing_else() =>
        XDocument.Load(Path.Combine(Repository.Root, "src/Samovar/Samovar.csproj")).Descendants()
            .Where(element => element.Name.LocalName is "PackageReference" or "ProjectReference" or "Reference")
            .Where(element => element.Attribute("PrivateAssets")?.Value != "all" && element.Attribute("PackAsAnalyzer")?.Value != "true")
            .Select(element => element.Attribute("Include")!.Value)
            .ShouldBe(["Microsoft.Extensions.Logging.Abstractions"]);

    [ThreadFact]
    public void The_compiled_library_refers_to_the_framework_and_logging_only()
    {
        string framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;

        typeof(FutureState).Assembly.GetReferencedAssemblies().Select(name => name.Name!)
            .Where(name => !File.Exists(Path.Combine(framework, $"{name}.dll")))
            .ShouldBeSubsetOf(["Microsoft.Extensions.Logging.Abstractions"]);
    }

    [ThreadFact]
    public void Public_types_are_in_the_agreed_namespaces() =>
        typeof(FutureState).Assembly.GetExportedTypes().Select(type => type.Namespace).Distinct()
            .ShouldBeSubsetOf(["Samovar", "Samovar.Ipc", "Samovar.Serialization", "Samovar.Testing"]);

    // The words of a label end at the line or at the first full stop.
    [GeneratedRegex(@"//+ SYNC:\s*(?<words>[^.]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Label();

    private static IEnumerable<string> LonelyLabels(IEnumerable<(string Path, string[] Lines)> sources) =>
        from file in sources
        from line in file.Lines.Index()
        let label = Label().Match(line.Item)
        where label.Success
        group $"{file.Path}:{line.Index + 1}: {label.Groups["words"].Value.Trim()}" by label.Groups["words"].Value.Trim() into uses
        where uses.Count() == 1
        select uses.Single();
}
