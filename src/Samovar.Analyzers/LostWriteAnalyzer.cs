using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Samovar.Analyzers;

/// <summary>SAM0002: a delegate that is sent to another process writes to a captured variable or object, and the write is lost.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class LostWriteAnalyzer : ShippedDelegateAnalyzer
{
    private static readonly DiagnosticDescriptor s_rule = new(
        RuleIds.LostWrite,
        "Write to a captured variable is lost",
        "'{0}' is a copy in the other process{1}, so this write is lost; return the value and assign it here",
        RuleIds.Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "The variables and objects that a shipped delegate captures are copied to another process. The delegate changes only "
            + "those copies; the only value that is sent back is its return value.",
        helpLinkUri: RuleIds.HelpLink(RuleIds.LostWrite));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [s_rule];

    private protected override ShippedDelegateCheck CreateCheck(Compilation compilation) => Check;

    private static void Check(OperationAnalysisContext context, IOperation function, List<Capture> captures)
    {
        foreach (var uses in captures.Where(IsVariable).GroupBy(c => c.Symbol!, SymbolEqualityComparer.Default))
        {
            // An object that is changed and also read may be an intentional scratch copy. If it is only changed, the change is certainly lost.
            var lost = uses.FirstOrDefault(c => c.Access == CaptureAccess.Reassign)
                ?? (uses.All(c => c.Access == CaptureAccess.Mutate) ? uses.First() : null);
            if (lost is not null) context.ReportDiagnostic(Diagnostic.Create(s_rule, lost.Location, lost.Name, lost.Route));
        }
    }

    private static bool IsVariable(Capture capture) =>
        capture.Symbol is ILocalSymbol or IParameterSymbol or IFieldSymbol or IPropertySymbol;
}
