using System.Reflection;
using Samovar.Tests.Architecture.Fixtures.Lower;

namespace Samovar.Tests.Architecture;

/// <summary>Holds the layers of the library over what was compiled: a folder uses only what is to its right in a line. CONTRIBUTING.md shows the same lines.</summary>
public sealed class LayerTests
{
    private const string Fixtures = "tests/Samovar.Tests/Architecture/Fixtures";

    private static readonly Layers s_layers = new("Cluster → Threads │ Loops │ Processes → Executors → Ipc → Serialization → Tasks → Diagnostics → Primitives");

    /// <summary>The layers inside a folder. Its root, where the public types are, uses all that is inside and is used by it, unless a line names it.</summary>
    private static readonly Dictionary<string, Layers> s_inside = new(StringComparer.Ordinal)
    {
        ["Cluster"] = new("Owner │ Node │ Memory → Worker │ Programs → Members → Protocol"),
        ["Loops"] = new("Testing → Exploring → Scheduling → Coordination → Groups → Scopes → Inspection → Core"),
        ["Processes"] = new("Parent │ Worker → Launch │ Recorder → Protocol → Platform"),
        ["Ipc"] = new("(root) → Pipes → Queues │ Locks → Shared → Waiting → Platform", "Channel → Platform"),
        ["Serialization"] = new("Unsupported → Plans → Wire → Definitions │ Closures │ Singletons │ Live → Types → Platform"),
        ["Tasks"] = new("Inputs │ Running → Completions → Core"),
        ["Threads"] = new("Scheduling"),
        ["Executors"] = new("Actors │ Scheduling │ Caching → Mapping"),
        ["Diagnostics"] = new("Watching → Timelines → Metering → Inspection → Recording"),
        ["Primitives"] = new(""),
    };

    private static readonly Lazy<List<Use>> s_uses = new(static () => Uses(typeof(FutureState).Assembly, "src/Samovar"));

    [ThreadFact]
    public void A_folder_of_the_library_uses_only_what_is_to_its_right() => Violations(s_uses.Value, s_layers).ShouldBeEmpty();

    [ThreadFact]
    public void A_folder_inside_a_folder_uses_only_what_is_to_its_right() =>
        s_inside.SelectMany(static inside => Violations([.. s_uses.Value.Where(use => use.From.First == inside.Key && use.To.First == inside.Key)], inside.Value, inside.Key))
            .ShouldBeEmpty();

    [ThreadFact]
    public void No_folders_refer_to_one_another_in_a_circle() => Circles(s_uses.Value).ShouldBeEmpty();

    [ThreadFact]
    public void What_runs_in_the_parent_and_what_runs_in_the_worker_do_not_know_each_other() =>
        s_uses.Value.Where(static use => (use.From.Second, use.To.Second) is ("Processes/Parent", "Processes/Worker") or ("Processes/Worker", "Processes/Parent"))
            .Select(static use => use.ToString()).ShouldBeEmpty();

    [ThreadFact]
    public void Every_use_of_a_higher_folder_is_noticed()
    {
        List<string> found = Violations(Uses(Assembly.GetExecutingAssembly(), Fixtures), new Layers("Upper │ Sibling → Lower"));

        foreach (Type guilty in typeof(UsesInEveryWay).GetNestedTypes())
            found.ShouldContain(violation => violation.StartsWith($"Lower uses Upper: {guilty.Name}", StringComparison.Ordinal), guilty.Name);
        found.ShouldContain(violation => violation.StartsWith("Sibling uses Upper: ", StringComparison.Ordinal));
        found.ShouldNotContain(violation => violation.StartsWith("Upper uses", StringComparison.Ordinal));
    }

    [ThreadFact]
    public void A_folder_that_is_in_no_line_is_noticed() =>
        Violations(Uses(Assembly.GetExecutingAssembly(), Fixtures), new Layers("Upper → Lower"))
            .ShouldContain(static violation => violation.StartsWith("folder 'Sibling' is in no line", StringComparison.Ordinal));

    [ThreadFact]
    public void A_circle_is_noticed() =>
        Circles([
            new(new("A/One"), new("A/Two"), ""), new(new("A/Two"), new("B/Three"), ""), new(new("B/Three"), new("A/One"), ""),
            new(new("A/One"), new("A"), ""), new(new("A"), new("A/One"), ""), new(new("A/One"), new("C/Four"), ""),
        ]).ShouldBe(["A/One → A/Two → B/Three → A/One"]);

    private static List<Use> Uses(Assembly assembly, string root)
    {
        var folders = new SourceFolders(assembly, root);
        var uses = new HashSet<Use>();
        foreach (Type type in assembly.GetTypes())
        {
            foreach (string home in folders.Of(type))
            {
                uses.Add(new Use(new(home), new(home), type.Name));
                foreach ((Type used, string where) in CompiledUses.Of(type).Where(use => use.Used.Assembly == assembly))
                    uses.UnionWith(folders.Of(used).Select(folder => new Use(new(home), new(folder), $"{where} uses {used.Name}")));
            }
        }

        return [.. uses];
    }

    /// <summary>Uses between the folders of one level that its lines do not allow.</summary>
    /// <param name="uses">The uses.</param>
    /// <param name="layers">The lines.</param>
    /// <param name="above">The folder whose subfolders are checked; null for the folders at the top.</param>
    private static List<string> Violations(List<Use> uses, Layers layers, string? above = null)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (Use use in uses)
        {
            string from = Name(use.From), to = Name(use.To);
            if (!layers.Have(from)) found.Add($"folder '{from}' is in no line ({use.What})");
            else if (from != to && layers.Have(to) && !layers.Allow(from, to)) found.Add($"{from} uses {to}: {use.What}");
        }

        found.RemoveWhere(violation => violation.StartsWith("folder '(root)'", StringComparison.Ordinal));
        return [.. found];

        string Name(Folder folder) => above is null ? folder.First : folder.Second == above ? "(root)" : folder.Second[(above.Length + 1)..];
    }

    /// <summary>Circles of folders inside of folders; the roots of these count where a line names them, since public types and what is inside of them are made for each other.</summary>
    private static List<string> Circles(List<Use> uses)
    {
        var next = uses.Where(static use => use.From.Second != use.To.Second && use.From.IsInside && use.To.IsInside)
            .ToLookup(static use => use.From.Second, static use => use.To.Second, StringComparer.Ordinal);
        var found = new List<string>();
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (string start in next.Select(static folder => folder.Key).Order(StringComparer.Ordinal)) Follow(start, []);
        return found;

        void Follow(string folder, List<string> path)
        {
            int at = path.IndexOf(folder);
            if (at >= 0) found.Add(string.Join(" → ", path[at..].Append(folder)));
            if (at >= 0 || !done.Add(folder)) return;
            foreach (string other in next[folder].Distinct().Order(StringComparer.Ordinal)) Follow(other, [.. path, folder]);
        }
    }

    private sealed record Use(Folder From, Folder To, string What)
    {
        public override string ToString() => $"{From.Path} uses {To.Path}: {What}";
    }

    private sealed record Folder(string Path)
    {
        public string First => Path.Split('/')[0];

        public string Second => string.Join('/', Path.Split('/').Take(2));

        public bool IsInside => Path.Contains('/', StringComparison.Ordinal);
    }

    /// <summary>Lines of folders: each uses what is to its right in a line; those with a bar between them do not know each other.</summary>
    private sealed class Layers(params string[] lines)
    {
        private readonly string[][][] _lines = [.. lines.Select(static line => line.Split(" → ").Select(static layer => layer.Split(" │ ")).ToArray())];

        public bool Have(string folder) => _lines.Any(line => Place(line, folder) >= 0);

        public bool Allow(string from, string to) => _lines.Any(line => Place(line, from) is >= 0 and var place && Place(line, to) > place);

        private static int Place(string[][] line, string folder) => Array.FindIndex(line, layer => layer.Contains(folder));
    }
}
