using System.Reflection;
using System.Text.RegularExpressions;

namespace Samovar.Tests.Architecture;

public sealed partial class DocumentTests
{
    private static IEnumerable<string> Documents =>
        Directory.EnumerateFiles(Repository.Root, "*.md")
            .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "README.md", SearchOption.AllDirectories)
                .Where(static path => !path.Contains("node_modules", StringComparison.Ordinal))) // of the packages that build/dashboard installs
            .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories));

    /// <summary>The pages of the analyzers show code that is wrong on purpose, which the analyzers' own tests compile; the code of
    /// the page on shipping is in ShippingPageTests.</summary>
    private static IEnumerable<string> DocumentsWithExamples =>
        Documents.Where(document => !document.Contains(Path.Combine("docs", "reference", "analyzers"), StringComparison.Ordinal)
            && Path.GetFileName(document) != "shipping.md");

    [ThreadFact]
    public void Code_in_a_document_is_word_for_word_in_an_example()
    {
        string[] examples = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "examples"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText)];

        DocumentsWithExamples.SelectMany(document => Code().Matches(File.ReadAllText(document)).Select(match => match.Groups["code"].Value))
            .Where(code => !examples.Any(example => example.Contains(code, StringComparison.Ordinal)))
            .ShouldBeEmpty();
    }

    [ThreadFact]
    public void Every_recipe_is_described_in_the_documents()
    {
        string guide = string.Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories).Select(File.ReadAllText));

        Directory.EnumerateFiles(Path.Combine(Repository.Root, "examples/recipes"), "*.cs").Select(Path.GetFileName)
            .Where(recipe => !guide.Contains($"examples/recipes/{recipe})", StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    [ThreadFact]
    public void A_member_that_a_document_names_is_there()
    {
        var types = typeof(Executor).Assembly.GetExportedTypes().ToLookup(static type => type.Name.Split('`')[0], StringComparer.Ordinal);

        (from document in Documents
         from Match span in CodeSpan().Matches(Code().Replace(File.ReadAllText(document), ""))
         from Match name in MemberName().Matches(span.Value)
         where types.Contains(name.Groups["type"].Value)
         where !types[name.Groups["type"].Value].Any(type => Members(type).Contains(name.Groups["member"].Value, StringComparer.Ordinal))
         select $"{Path.GetRelativePath(Repository.Root, document)}: {name.Value}").ShouldBeEmpty();

        static IEnumerable<string> Members(Type type) =>
            type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.FlattenHierarchy).Select(static member => member.Name);
    }

    [ThreadFact]
    public void Links_between_documents_lead_somewhere() =>
        (from document in Documents
         from link in Link().Matches(File.ReadAllText(document))
         let target = link.Groups["target"].Value
         where !target.Contains("://", StringComparison.Ordinal)
         where !Path.Exists(Path.Combine(Path.GetDirectoryName(document)!, target))
         select $"{document}: {target}").ShouldBeEmpty();

    [ThreadFact]
    public void Every_page_is_in_the_contents_of_the_site()
    {
        string docs = Path.Combine(Repository.Root, "docs");
        string contents = File.ReadAllText(Path.Combine(docs, "toc.yml"));

        Directory.EnumerateFiles(docs, "*.md", SearchOption.AllDirectories).Select(page => Path.GetRelativePath(docs, page).Replace('\\', '/'))
            .Where(page => !contents.Contains($"href: {page}\n", StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```", RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Code();

    [GeneratedRegex("`[^`\n]+`", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CodeSpan();

    // As programmers of .NET write them: Python's begin with a small letter.
    [GeneratedRegex(@"\b(?<type>[A-Z]\w*)\.(?<member>[A-Z]\w*)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MemberName();

    [GeneratedRegex(@"\]\((?<target>[^)#\s]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();
}
