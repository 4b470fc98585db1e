using System.Text.RegularExpressions;

namespace Samovar.Tests.Architecture;

/// <summary>The rules that every test keeps: it has a limit, from one place, and it does not wait by turning in a loop.</summary>
public sealed partial class TestRulesTests
{
    [ThreadFact]
    public void Every_test_has_one_of_the_limits() => Violations(WithoutLimit()).ShouldBeEmpty("use [ThreadFact], [ThreadTheory], [ProcessFact] or [ProcessTheory]");

    [ThreadFact]
    public void No_test_waits_by_yielding_in_a_loop() => Violations(YieldLoop()).ShouldBeEmpty("use TestTimeout.UntilAsync, or an event");

    [ThreadTheory]
    [InlineData("    [Fact]\n", true)]
    [InlineData("    [Theory(Timeout = 5)]\n", true)]
    [InlineData("    [ThreadFact]\n", false)]
    [InlineData("    [ProcessTheory(Timeout = 5)]\n", true)]
    public void A_test_without_such_a_limit_is_found(string line, bool isFound) => WithoutLimit().IsMatch(line).ShouldBe(isFound);

    [ThreadTheory]
    [InlineData("while (!done) await Task.Yield();", true)]
    [InlineData("while (!IsDone()) Thread.Yield();", true)]
    [InlineData("while (!done)\n        {\n            await Task.Yield();\n        }", true)]
    [InlineData("while (!done) await TestTimer.PauseAsync(1);", false)]
    public void A_loop_that_yields_is_found(string code, bool isFound) => YieldLoop().IsMatch(code).ShouldBe(isFound);

    private static IEnumerable<string> Violations(Regex rule) =>
        from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories)
        where (file.Contains(".Tests" + Path.DirectorySeparatorChar, StringComparison.Ordinal) || file.Contains(".Checks" + Path.DirectorySeparatorChar, StringComparison.Ordinal)) && !file.EndsWith(nameof(TestRulesTests) + ".cs", StringComparison.Ordinal)
        let text = File.ReadAllText(file)
        from Match match in rule.Matches(text)
        select $"{Path.GetRelativePath(Repository.Root, file)}:{text.AsSpan(0, match.Index).Count('\n') + 1}: {match.Value.Trim()}";

    [GeneratedRegex(@"\[(Fact|Theory)\b[^\]]*\]|\[(Thread|Process)(Fact|Theory)\([^\]]*Timeout[^\]]*\]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex WithoutLimit();

    [GeneratedRegex(@"while \([^\n]*\)\s*(\{\s*)?(await Task\.Yield\(\)|Thread\.Yield\(\));\s*(\}|$|\n)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex YieldLoop();
}
