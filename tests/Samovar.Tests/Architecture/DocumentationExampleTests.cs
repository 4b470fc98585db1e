using System.Net;
using System.Text.RegularExpressions;

namespace Samovar.Tests.Architecture;

/// <summary>The examples in the documentation of members: the code of each is part of a test, which compiles and runs it.</summary>
public sealed partial class DocumentationExampleTests
{
    [ThreadFact]
    public void Code_in_an_example_is_part_of_a_test()
    {
        string[] tests =
        [
            .. Repository.Sources("tests/Samovar.Tests").Where(static file => file.Path.EndsWith("ExampleTests.cs", StringComparison.Ordinal))
                .Select(static file => Trimmed(file.Lines)),
        ];
        var examples = Repository.Sources().SelectMany(static file => Examples(file.Lines).Select(code => $"{file.Path}\n{code}")).ToList();

        examples.Count.ShouldBe(Repository.Sources().SelectMany(static file => file.Lines).Count(HasExample), "each <example> begins with its <code>");
        examples.Where(example => !tests.Any(test => test.Contains(example[(example.IndexOf('\n', StringComparison.Ordinal) + 1)..], StringComparison.Ordinal)))
            .ShouldBeEmpty("each example is copied from a method of a class …ExampleTests in tests/Samovar.Tests");
    }

    [ThreadFact]
    public void Code_in_an_example_is_found() =>
        Examples(["/// <summary>A</summary>", "    /// <example>", "    /// <code>", "    /// if (a &lt; b)", "    ///     c();", "    /// </code>", "    /// </example>"])
            .ShouldBe(["if (a < b)\nc();"]);

    [ThreadFact]
    public void At_least_thirty_public_members_have_an_example() =>
        Repository.Sources().Sum(static file => PublicMembersWithExample(file.Lines)).ShouldBeGreaterThanOrEqualTo(30);

    [ThreadFact]
    public void A_member_is_counted_once_and_if_it_is_public() =>
        PublicMembersWithExample(
        [
            "/// <example>", "/// </example>", "/// <example>", "/// </example>", "[Obsolete]", "public class A", "{",
            "    /// <example>", "    internal int B;", "    public int C;", "    /// <example>", "    public int D;", "}",
        ]).ShouldBe(2);

    private static bool HasExample(string line) => line.Contains("<example>", StringComparison.Ordinal);

    private static int PublicMembersWithExample(string[] lines)
    {
        int count = 0;
        bool hasExample = false;
        foreach (string line in lines.Select(static line => line.TrimStart()))
        {
            if (line.StartsWith("///", StringComparison.Ordinal))
            {
                hasExample |= HasExample(line);
            }
            else if (!line.StartsWith('[')) // attributes are between the comment and the member
            {
                if (hasExample && line.StartsWith("public ", StringComparison.Ordinal)) count++;
                hasExample = false;
            }
        }

        return count;
    }

    private static IEnumerable<string> Examples(string[] lines) =>
        Code().Matches(string.Join('\n', lines))
            .Select(static match => Trimmed(WebUtility.HtmlDecode(CommentStart().Replace(match.Groups["code"].Value, "")).Split('\n')));

    // Indentation differs between comment and test.
    private static string Trimmed(string[] lines) => string.Join('\n', lines.Select(static line => line.Trim())).Trim();

    [GeneratedRegex("<example>[^<]*<code>(?<code>.*?)</code>", RegexOptions.ExplicitCapture | RegexOptions.Singleline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Code();

    [GeneratedRegex("^ *///", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CommentStart();
}
