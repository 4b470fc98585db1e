using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Samovar.Analyzers;

/// <summary>SAM0001: a delegate that is sent to another process captures a value that cannot travel.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CaptureCannotTravelAnalyzer : ShippedDelegateAnalyzer
{
    private static readonly DiagnosticDescriptor s_rule = new(
        RuleIds.CaptureCannotTravel,
        "Capture cannot travel to another process",
        "Captured {0} cannot travel to another process: {1}; {2}",
        RuleIds.Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The values that a shipped delegate captures are copied to another process. Streams, sockets, handles, tasks, threads, "
            + "locks and similar objects cannot be used there, and Submit refuses them.",
        helpLinkUri: RuleIds.HelpLink(RuleIds.CaptureCannotTravel));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [s_rule];

    private protected override ShippedDelegateCheck CreateCheck(Compilation compilation)
    {
        var rules = new TravelRules(compilation);
        return (context, function, captures) => Check(context, function, captures, rules);
    }

    private static void Check(OperationAnalysisContext context, IOperation function, List<Capture> captures, TravelRules rules)
    {
        if (captures.Count == 0) return;

        var seen = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        var thisIsReported = false;
        Capture? instance = null;
        foreach (var capture in captures)
        {
            if (capture.Kind == CaptureKind.This) instance ??= capture;
            if (!TravelsAlong(capture) || (capture.Symbol is { } symbol && !seen.Add(symbol)) || Capture.IsOnlyAssigned(capture, captures))
                continue;
            if (rules.ObstacleIn(capture.Use.Type) is not { } obstacle) continue;

            thisIsReported |= capture.Kind == CaptureKind.This;
            var tokens = TokensOf(capture, captures);
            Report(context, capture, obstacle, capture.Name, tokens.Count == 0 ? null : LocationsToCopy(function, tokens));
        }

        if (instance is not null && !thisIsReported && rules.ObstacleIn(instance.Owner) is { } held)
            Report(context, instance, held, "this", toCopy: null);
    }

    // If only the Token of a CancellationTokenSource is used, a local copy of the token can travel instead.
    private static List<IOperation> TokensOf(Capture capture, List<Capture> captures)
    {
        if (capture.Symbol is null) return [];
        var uses = captures.FindAll(c => SymbolEqualityComparer.Default.Equals(c.Symbol, capture.Symbol));
        var tokens = uses.Select(c => c.Use.Parent).OfType<IPropertyReferenceOperation>()
            .Where(p => p.Property is { Name: "Token", ContainingType.Name: "CancellationTokenSource" }).ToList<IOperation>();
        return tokens.Count == uses.Count && uses.TrueForAll(c => c.Through is null) ? tokens : [];
    }

    // Of the members that are accessed through `this`, only those that the object stores; a computed property is evaluated in the other process.
    private static bool TravelsAlong(Capture capture) => capture switch
    {
        { Kind: not CaptureKind.This } => true,
        { Symbol: IFieldSymbol or IParameterSymbol } => true,
        { Symbol: IPropertySymbol property } => property.ContainingType.GetMembers().Any(
            m => m is IFieldSymbol field && SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property)),
        _ => false,
    };

    // A field of a captured object may be null when the delegate is sent, so it is only a warning.
    private static void Report(
        OperationAnalysisContext context,
        Capture capture,
        Obstacle obstacle,
        string name,
        IEnumerable<Location>? toCopy)
    {
        var type = obstacle.Type.WithNullableAnnotation(NullableAnnotation.None)
            .ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);
        var isHeld = obstacle.Path.Contains('.');
        var what = isHeld
            ? $"'{name}'{capture.Route} holds '{name}{obstacle.Path}' of type '{type}', which"
            : $"'{name}{obstacle.Path}' of type '{type}'{capture.Route}";
        context.ReportDiagnostic(Diagnostic.Create(
            s_rule,
            capture.Location,
            isHeld ? DiagnosticSeverity.Warning : DiagnosticSeverity.Error,
            additionalLocations: toCopy,
            properties: toCopy is null ? null : CanBeCopied,
            what,
            obstacle.Why.Reason,
            obstacle.Why.WayOut));
    }
}
