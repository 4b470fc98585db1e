using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Samovar.Analyzers;

/// <summary>SAM0003: a delegate sent to another process captures <c>this</c>, so the whole object travels.</summary>
/// <remarks>
/// A warning where the delegate only reads fields and properties, which locals could carry instead; a suggestion where it needs the
/// object, as it calls a method of it.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CapturedThisAnalyzer : ShippedDelegateAnalyzer
{
    private const int NamesShown = 3;

    private static readonly DiagnosticDescriptor s_rule = new(
        RuleIds.CapturedThis,
        "Captured 'this' ships the whole object",
        "Captured 'this' ships the whole '{0}' for the sake of {1}; {2}",
        RuleIds.Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "Naming an instance member inside a lambda captures 'this'. A shipped delegate then takes the whole object to the "
            + "other process, with every field, needed or not.",
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
            localsSuffice ? "copy what it needs to locals before the call" : "make what it calls static and pass what it needs"));
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
