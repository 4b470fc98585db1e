using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Samovar.Analyzers;

/// <summary>SAM0003: a delegate that is sent to another process captures <c>this</c>, so the whole object travels.</summary>
/// <remarks>
/// The rule is a warning if the delegate only reads fields and properties, which can be copied to locals. It is a suggestion if the delegate
/// needs the object, for example to call a method.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CapturedThisAnalyzer : ShippedDelegateAnalyzer
{
    private const int NamesShown = 3;

    private static readonly DiagnosticDescriptor s_rule = new(
        RuleIds.CapturedThis,
        "Captured 'this' ships the whole object",
        "Captured 'this' ships the whole '{0}' because of {1}; {2}",
        RuleIds.Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "A lambda that uses an instance member captures 'this'. If the lambda is shipped, the whole object is copied to the "
            + "other process, including fields that the lambda does not need.",
        helpLinkUri: RuleIds.HelpLink(RuleIds.CapturedThis));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [s_rule];

    private protected override ShippedDelegateCheck CreateCheck(Compilation compilation) => Check;

    private static void Check(OperationAnalysisContext context, IOperation function, List<Capture> captures)
    {
        var uses = captures.FindAll(c => c.Kind == CaptureKind.This);
        if (uses.Count == 0) return;

        var first = uses[0];
        var localsSuffice = uses.TrueForAll(c => c.Through is null && IsReadOfMember(c));
        context.ReportDiagnostic(Diagnostic.Create(
            s_rule,
            first.Location,
            localsSuffice ? DiagnosticSeverity.Warning : DiagnosticSeverity.Info,
            additionalLocations: LocationsToCopy(function, uses.Select(c => c.Use)),
            properties: localsSuffice ? CanBeCopied : null,
            first.Owner?.Name ?? "object",
            Names(uses),
            localsSuffice ? "copy the needed values to locals before the call" : "make the called methods static and pass the needed values"));
    }

    private static bool IsReadOfMember(Capture capture) =>
        capture.Symbol is IFieldSymbol or IPropertySymbol { IsIndexer: false } or IParameterSymbol
        && capture.Access != CaptureAccess.Reassign;

    private static string Names(List<Capture> uses)
    {
        var names = uses.Select(c => c.Symbol?.Name ?? "this").Distinct(StringComparer.Ordinal).Select(n => $"'{n}'").ToList();
        return names.Count <= NamesShown
            ? string.Join(", ", names)
            : $"{string.Join(", ", names.Take(NamesShown))} and {names.Count - NamesShown} more";
    }
}
