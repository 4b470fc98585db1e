using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Samovar.Analyzers.Tests;

public sealed partial class RulePagesTests
{
    public static TheoryData<string> Rules { get; } = [.. Analyzers.Keys];

    private static Dictionary<string, DiagnosticAnalyzer> Analyzers => typeof(RuleIds).Assembly.GetTypes()
        .Where(t => t.GetCustomAttribute<DiagnosticAnalyzerAttribute>() is not null)
        .Select(t => (DiagnosticAnalyzer)Activator.CreateInstance(t)!)
        .ToDictionary(a => a.SupportedDiagnostics.ShouldHaveSingleItem().Id, StringComparer.Ordinal);

    [ThreadTheory]
    [MemberData(nameof(Rules))]
    public async Task The_violation_on_the_page_is_reported_and_its_cure_is_not(string id)
    {
        var blocks = CodeBlock().Matches(Page(id)).Select(m => m.Groups["code"].Value).ToList();
        blocks.Count.ShouldBe(2);

        (await RuleRunner.ReportsAsync(Analyzers[id], blocks[0], ("PublishSingleFile", "true"))).ShouldHaveSingleItem().Id.ShouldBe(id);
        foreach (var rule in Analyzers.Values)
            (await RuleRunner.ReportsAsync(rule, blocks[1], ("PublishSingleFile", "true"))).Where(r => r.Severity != DiagnosticSeverity.Info).ShouldBeEmpty();
    }

    [ThreadTheory]
    [MemberData(nameof(Rules))]
    public void A_rule_links_to_its_page_and_is_in_the_index_with_its_severity(string id)
    {
        var rule = Analyzers[id].SupportedDiagnostics[0];

        rule.HelpLinkUri.ShouldBe($"docs/reference/analyzers/{id}.md");
        rule.Category.ShouldBe("Samovar");
        var severity = rule.DefaultSeverity.ToString().ToLowerInvariant();
        Page("README").ShouldContain($"| [{id}]({id}.md) | {severity}");
        Page(id).ShouldStartWith($"# {id}: ");
        Page(id).ShouldContain($"**Severity:** {severity}");
    }

    private static string Page(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", $"{name}.md"));

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex CodeBlock();
}
