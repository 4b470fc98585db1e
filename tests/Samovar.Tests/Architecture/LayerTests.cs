using System.Reflection;
using Samovar.Tests.Architecture.Fixtures.Lower;

namespace Samovar.Tests.Architecture;

/// <summary>Holds the layers of the library over what was compiled: a folder uses only what stands to its right.</summary>
public sealed class LayerTests
{
    private static readonly string[][] s_layers =
    [
        ["Threads", "Loops", "Processes"],
        ["Executors"],
        ["Ipc"],
        ["Serialization"],
        ["Futures"],
        ["Diagnostics"],
    ];

    [ThreadFact]
    public void A_folder_of_the_library_uses_only_what_stands_to_its_right() =>
        Violations(typeof(FutureState).Assembly, "src/Samovar", s_layers).ShouldBeEmpty();

    [ThreadFact]
    public void Every_use_of_a_higher_folder_is_noticed()
    {
        List<string> found = Violations(Assembly.GetExecutingAssembly(), "tests/Samovar.Tests/Architecture/Fixtures",
            [["Upper", "Beside"], ["Lower"]]);

        foreach (Type guilty in typeof(UsesInEveryWay).GetNestedTypes())
            found.ShouldContain(violation => violation.StartsWith($"Lower uses Upper: {guilty.Name}", StringComparison.Ordinal), guilty.Name);
        found.ShouldContain(violation => violation.StartsWith("Beside uses Upper: ", StringComparison.Ordinal));
        found.ShouldNotContain(violation => violation.StartsWith("Upper uses", StringComparison.Ordinal));
    }

    [ThreadFact]
    public void A_folder_that_stands_nowhere_is_noticed() =>
        Violations(Assembly.GetExecutingAssembly(), "tests/Samovar.Tests/Architecture/Fixtures", [["Upper"], ["Lower"]])
            .ShouldContain("folder 'Beside' has no place among the layers (BesideUpper)");

    private static List<string> Violations(Assembly assembly, string root, string[][] layers)
    {
        var folders = new SourceFolders(assembly, root);
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (Type type in assembly.GetTypes())
        {
            IReadOnlyCollection<string> homes = folders.Of(type);
            foreach (string folder in homes.Where(folder => Layer(folder) < 0))
                found.Add($"folder '{folder}' has no place among the layers ({type.Name})");
            if (homes.Count > 1)
                found.Add($"{type.Name} lies in more than one folder: {string.Join(", ", homes)}");
            if (homes.Count != 1)
                continue;

            string home = homes.Single();
            foreach ((Type used, string where) in CompiledUses.Of(type).Where(use => use.Used.Assembly == assembly))
            {
                foreach (string folder in folders.Of(used).Where(folder => folder != home && Layer(folder) <= Layer(home)))
                    found.Add($"{home} uses {folder}: {where} uses {used.Name}");
            }
        }

        return [.. found];

        int Layer(string folder) => Array.FindIndex(layers, layer => layer.Contains(folder));
    }
}
