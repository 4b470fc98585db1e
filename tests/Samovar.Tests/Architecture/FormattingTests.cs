using System.Text.RegularExpressions;

namespace Samovar.Tests.Architecture;

/// <summary>One way to lay out what <c>dotnet format</c> leaves open: a statement that fits is on the line of its condition.</summary>
public sealed partial class FormattingTests
{
    private const int LongestLine = 130;

    [ThreadFact]
    public void A_statement_that_fits_is_on_the_line_of_its_condition() =>
        new[] { "src", "tests", "benchmarks" }.SelectMany(Repository.Sources)
            .SelectMany(static source => Apart(source.Lines).Select(line => $"{source.Path}:{line}")).ShouldBeEmpty();

    [ThreadTheory]
    [InlineData("    if (a)\n        return;\n", 1)]
    [InlineData("    if (a) return;\n", 0)]
    [InlineData("    if (a)\n    {\n        b();\n    }\n", 0)]
    [InlineData("    if (a)\n        b(\n            c);\n", 0)]
    [InlineData("    else\n        b();\n", 1)]
    [InlineData("    if (a)\n        if (b)\n            c();\n", 1)]
    public void What_is_apart_is_noticed(string text, int count) => Apart(text.Split('\n')).Count().ShouldBe(count);

    /// <summary>The lines, from 1, behind which a statement is that would fit there.</summary>
    private static IEnumerable<int> Apart(string[] lines)
    {
        if (lines.Any(static line => line.Contains("\"\"\"", StringComparison.Ordinal))) yield break; // code in text
        for (int i = 0; i + 1 < lines.Length; i++)
        {
            var head = Head().Match(lines[i]);
            if (!head.Success || lines[i].Contains("//", StringComparison.Ordinal) || !IsWhole(head.Groups["rest"].Value)) continue;
            string statement = lines[i + 1].TrimStart();
            string code = Comment().Replace(statement, "");
            bool fits = lines[i].TrimEnd().Length + 1 + statement.Length <= LongestLine;
            bool isBelow = lines[i + 1].Length - statement.Length == head.Groups["indent"].Length + 4;
            if (fits && isBelow && code.EndsWith(';') && Depth(code) == 0 && !NoStatement().IsMatch(statement)) yield return i + 1;
        }
    }

    private static bool IsWhole(string condition) => condition.Length == 0 || (condition.StartsWith(" (", StringComparison.Ordinal) && condition.EndsWith(')') && Depth(condition) == 0);

    private static int Depth(string code)
    {
        string bare = Literal().Replace(code, "");
        return bare.Count(static c => c is '(' or '[' or '{') - bare.Count(static c => c is ')' or ']' or '}');
    }

    [GeneratedRegex(@"^(?<indent>\s*)(else if|if|while|foreach|for|lock|fixed|using|await foreach|await using|else)(?<rest>|\s.*\S)\s*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Head();

    [GeneratedRegex(@"\s*// .*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Comment();

    [GeneratedRegex(@"""(\\.|[^""\\])*""|'(\\.|[^'\\])'", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Literal();

    [GeneratedRegex(@"^(if|while|foreach|for|lock|fixed|using|await foreach|await using|else|switch|do|try|case|default)\b|^[/{}.?:+|&]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NoStatement();
}
