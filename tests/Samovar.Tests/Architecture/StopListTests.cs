using System.Globalization;
using System.Text;

namespace Samovar.Tests.Architecture;

/// <summary>Holds the prose to plain English: documents, comments and string literals have no match of StopList.txt.</summary>
public sealed class StopListTests
{
    private const int MostShown = 100;

    private static readonly string[] s_notOurs = [".git", "artifacts", "bin", "obj", "node_modules", "_site"];

    // "grumpf" and "plain words" are on no real list: these tests need no exemption.
    private static readonly StopList s_sample = new(["# a comment", "", "grumpf(?:s|ed)?\tsay it plainly", "plain words\tname the words"]);

    private static readonly Lazy<StopList> s_list = new(static () =>
        new StopList(File.ReadLines(Path.Combine(Repository.Root, "tests/Samovar.Tests/Architecture/StopList.txt"))));

    [ThreadFact]
    public void No_text_has_a_match_of_the_stop_list()
    {
        var hits = Hits(Repository.Root);
        hits.Count.ShouldBe(0, Report(hits));
    }

    [ThreadFact]
    public void Every_exemption_is_used() =>
        s_list.Value.Exemptions
            .Where(static exempt => !File.ReadAllText(Path.Combine(Repository.Root, exempt.Path)).Contains(exempt.Text, StringComparison.Ordinal))
            .ShouldBeEmpty();

    /// <summary>The planted sentences are in two parts here, so that this file has no match.</summary>
    [ThreadFact]
    public void A_planted_sentence_is_found_in_a_document_and_in_code()
    {
        var root = Directory.CreateTempSubdirectory("samovar-stop-list-");
        try
        {
            Plant("docs/guide/page.md", "# Title\n\nThe lock is free when no" + "body\nholds it.\n");
            Plant("src/A/Lock.cs", "/// <summary>Waits for who" + "ever holds it.</summary>\nclass Lock;\n");
            Plant("tests/B/Text.cs", "class Text { string s = $\"it st" + "ands at {1}\"; }\n");
            Plant("tests/B/obj/Made.cs", "// no" + "body writes this\n");
            Plant("artifacts/api/page.md", "no" + "body writes this\n");
            Plant("other/Code.cs", "// no" + "body looks here\n");

            Hits(root.FullName).Select(static hit => $"{hit.Path}:{hit.Line}")
                .ShouldBe(["docs/guide/page.md:3", "src/A/Lock.cs:1", "tests/B/Text.cs:1"], ignoreOrder: true);
        }
        finally
        {
            root.Delete(recursive: true);
        }

        void Plant(string path, string text)
        {
            string file = Path.Combine(root.FullName, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }
    }

    [ThreadTheory]
    [InlineData("// grumpf")]
    [InlineData("x(); // it Grumpfed.")]
    [InlineData("/// <summary>It grumpfs.</summary>")]
    [InlineData("/* it\n grumpfs */")]
    [InlineData("// some plain\n    // words")]
    [InlineData("/// some <b>plain</b> words")]
    [InlineData("s = \"a grumpf\";")]
    [InlineData("s = \"a\\ngrumpf\\\\\";")]
    [InlineData("s = \"\\\"\" + \"grumpf\";")]
    [InlineData("c = '\"'; d = '\\''; s = \"grumpf\";")]
    [InlineData("s = @\"C:\\\" + \"grumpf\";")]
    [InlineData("s = @\"\"\"a\"\" grumpf\";")]
    [InlineData("s = $\"{a:X2} grumpf\";")]
    [InlineData("s = $\"{(a ? \"grumpf\" : \"\")}\";")]
    [InlineData("s = $\"{a} {{grumpf}}\";")]
    [InlineData("s = $@\"{a} \"\"grumpf\"\"\";")]
    [InlineData("s = \"\"\"\n  a \"grumpf\"\n  \"\"\";")]
    [InlineData("s = $\"\"\"{a} grumpf\"\"\";")]
    [InlineData("s = $$\"\"\"{grumpf} {{a}}\"\"\";")]
    [InlineData("s = $$\"\"\"{{{a.F(\"grumpf\")}}}\"\"\";")]
    [InlineData("s = $\"{d switch { 1 => \"grumpf\", _ => \"\" }}\";")]
    [InlineData("s = \"plain \" + \"\"; t = \"plain words\"u8;")]
    public void A_comment_and_a_string_literal_are_searched(string code) => s_sample.Find("a.cs", code).Count().ShouldBe(1);

    [ThreadTheory]
    [InlineData("int grumpf = Grumpf(@grumpf);")]
    [InlineData("s = nameof(grumpf); // fine")]
    [InlineData("s = \"grumpfy\";")]
    [InlineData("s = $\"{grumpf} {a.grumpf:grumpf} {$\"{grumpf}\"}\";")]
    [InlineData("s = $\"{x[\"a\"]} \" + grumpf;")]
    [InlineData("s = $$\"\"\"{{grumpf}}\"\"\";")]
    [InlineData("s = \"a\" + grumpf + 'b' + \"c\";")]
    [InlineData("s = @\"\\\"; grumpf(); t = \"\";")]
    [InlineData("s = \"\"; grumpf(); t = \"\"\"\"a\"\"\"\";")]
    [InlineData("c = '\\''; grumpf = '\"'; d = '\"';")]
    [InlineData("/// <see cref=\"grumpf\"/> and <c>grumpf</c>, <paramref name=\"grumpf\"/>")]
    [InlineData("// `grumpf`")]
    [InlineData("x(); // plain\ny(); // words")]
    [InlineData("s = \"plain\" + \"words\";")]
    public void Code_is_not_searched(string code) => s_sample.Find("a.cs", code).ShouldBeEmpty();

    [ThreadTheory]
    [InlineData("A grumpf.", 1)]
    [InlineData("Some\n**plain**\nwords.", 2)]
    [InlineData("| a | grumpf |", 1)]
    [InlineData("> plain\n> words", 1)]
    [InlineData("[grumpf](a.md)", 1)]
    [InlineData("```\n$ samovar\ngrumpf\n```", 3)]
    [InlineData("```csharp\ncode\n```\n\n`code`\ngrumpf", 6)]
    [InlineData("`grumpf` and ``a `grumpf` b``", null)]
    [InlineData("[a](0105-grumpf.md)", null)]
    [InlineData("```csharp\nint grumpf;\n```", null)]
    [InlineData("plain `words` words", null)]
    public void A_document_is_searched_without_its_code(string text, int? line) =>
        (s_sample.Find("a.md", text).SingleOrDefault()?.Line).ShouldBe(line);

    [ThreadFact]
    public void An_exemption_holds_for_its_text_alone()
    {
        var list = new StopList(["grumpf\tsay it plainly", "!a.md\tthe \"grumpf\" of Python\ta quotation"]);

        list.Find("a.md", "the \"grumpf\" of Python").ShouldBeEmpty();
        list.Find("a.md", "a\nGrumpf").Select(static hit => hit.ToString()).ShouldBe(["a.md:2: \"Grumpf\": say it plainly"]);
        list.Find("b.md", "the \"grumpf\" of Python").Count().ShouldBe(1);
    }

    [ThreadTheory]
    [InlineData("a pattern alone")]
    [InlineData("a pattern\t")]
    [InlineData("a.md\ttext\treason")]
    [InlineData("!a.md\ttext")]
    public void An_entry_without_its_reason_is_refused(string line) => Should.Throw<FormatException>(() => new StopList([line]));

    private static List<StopListHit> Hits(string root) =>
        [.. Files(root, "").SelectMany(path => s_list.Value.Find(path, File.ReadAllText(Path.Combine(root, path)).ReplaceLineEndings("\n")))];

    /// <summary>Counts for each folder, then the first matches.</summary>
    private static string Report(List<StopListHit> hits)
    {
        var report = new StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"{hits.Count} matches of StopList.txt");
        foreach (var (folder, count) in hits.CountBy(static hit => hit.Folder).OrderBy(static folder => folder.Key, StringComparer.Ordinal))
            report.AppendLine(CultureInfo.InvariantCulture, $"{count,6} {folder}");
        foreach (var hit in hits.Take(MostShown)) report.AppendLine(hit.ToString());
        return report.ToString();
    }

    /// <summary>Every document, and the C# of those folders that have ours; without what is built, installed or generated.</summary>
    private static IEnumerable<string> Files(string root, string folder)
    {
        var directory = new DirectoryInfo(Path.Combine(root, folder));
        bool hasCode = folder.Split('/')[0] is "src" or "tests" or "examples" or "benchmarks" or "build" or "templates";
        foreach (var file in directory.EnumerateFiles().Where(file => file.Extension == ".md" || (hasCode && file.Extension == ".cs")))
            yield return Inside(file.Name);
        foreach (var inner in directory.EnumerateDirectories().Where(static inner => !s_notOurs.Contains(inner.Name, StringComparer.Ordinal)))
        {
            foreach (string file in Files(root, Inside(inner.Name))) yield return file;
        }

        string Inside(string name) => folder.Length == 0 ? name : $"{folder}/{name}";
    }
}
