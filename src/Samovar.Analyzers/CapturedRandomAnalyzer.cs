using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Samovar.Analyzers;

/// <summary>SAM0006: a delegate that is sent to another process captures a <c>Random</c>, so every task gets a copy in the same state.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CapturedRandomAnalyzer : ShippedDelegateAnalyzer
{
    private static readonly DiagnosticDescriptor s_rule = new(
        RuleIds.CapturedRandom,
        "Captured Random repeats its numbers",
        "Captured Random '{0}'{1} is copied in the same state to every task, so all draw the same numbers; create one inside the task "
            + "from a seed and the item's number, or use Random.Shared there",
        RuleIds.Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "The values that a shipped delegate captures are copied. A random number generator that is copied to many tasks generates "
            + "the same numbers in each of them. Submit refuses a captured variable that holds one.",
        helpLinkUri: RuleIds.HelpLink(RuleIds.CapturedRandom));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [s_rule];

    private protected override ShippedDelegateCheck CreateCheck(Compilation compilation)
    {
        var random = compilation.GetTypeByMetadataName("System.Random");
        return (context, _, captures) => Check(context, captures, random);
    }

    private static void Check(OperationAnalysisContext context, List<Capture> captures, INamedTypeSymbol? random)
    {
        var seen = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        foreach (var capture in captures)
        {
            if (capture.Symbol is not (ILocalSymbol or IParameterSymbol or IFieldSymbol) || !IsRandom(capture.Use.Type, random)
                || IsShared(capture.Reference, random, context.CancellationToken) || Capture.IsOnlyAssigned(capture, captures) || !seen.Add(capture.Symbol))
            {
                continue;
            }

            // A captured variable is refused at run time. A generator in a field travels with its object, which may be intended.
            context.ReportDiagnostic(Diagnostic.Create(
                s_rule,
                capture.Location,
                capture.Kind == CaptureKind.Variable ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
                additionalLocations: null,
                properties: null,
                capture.Name,
                capture.Route));
        }
    }

    private static bool IsRandom(ITypeSymbol? type, INamedTypeSymbol? random)
    {
        for (; random is not null && type is not null; type = type.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(type, random)) return true;
        }

        return false;
    }

    // Random.Shared arrives as the Random.Shared of the other process.
    private static bool IsShared(IOperation reference, INamedTypeSymbol? random, CancellationToken cancellation) =>
        Origin.Of(reference, cancellation) is IPropertyReferenceOperation { Property: { Name: "Shared", IsStatic: true } property }
        && SymbolEqualityComparer.Default.Equals(property.ContainingType, random);
}
