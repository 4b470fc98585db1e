using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Samovar.Analyzers;

/// <summary>SAM0002: a delegate sent to another process writes to what it captured, and the write does not come back.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class LostWriteAnalyzer : ShippedDelegateAnalyzer
{
    private static readonly DiagnosticDescriptor s_rule = new(
        RuleIds.LostWrite,
        "Write to a captured variable does not come back",
        "'{0}' is a copy in the other process{1}: this write does not come back; return the value and assign it here",
        RuleIds.Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "What a shipped delegate captures is copied to another process. What the delegate writes there stays there; "
            + "only what it returns comes back.",
        helpLinkUri: RuleIds.HelpLink(RuleIds.LostWrite));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [s_rule];

    private protected override ShippedDelegateCheck CreateCheck(Compilation compilation) => Check;

    private static void Check(OperationAnalysisContext context, IOperation function, List<Capture> captures)
    {
        foreach (var uses in captures.Where(IsVariable).GroupBy(c => c.Symbol!, SymbolEqualityComparer.Default))
        {
            // An object that is changed and then read may be a scratch copy on purpose; one that is only changed is surely lost.
            var lost = uses.FirstOrDefault(c => c.Access == CaptureAccess.Reassign)
                ?? (uses.All(c => c.Access == CaptureAccess.Mutate) ? uses.First() : null);
            if (lost is not null) context.ReportDiagnostic(Diagnostic.Create(s_rule, lost.Location, lost.Name, lost.Route));
        }
    }

    private static bool IsVariable(Capture capture) =>
        capture.Symbol is ILocalSymbol or IParameterSymbol or IFieldSymbol or IPropertySymbol;
}
