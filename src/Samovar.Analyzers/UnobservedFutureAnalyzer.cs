using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Samovar.Analyzers;

/// <summary>SAM0004: a future is discarded, so a failure of its task would go unnoticed.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnobservedFutureAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor s_rule = new(
        RuleIds.UnobservedFuture,
        "Future is not observed",
        "The future of '{0}' is not observed, so a failure would go unnoticed; await it, store it, or discard it explicitly with '_ ='",
        RuleIds.Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "A future holds the result or the error of a task. An expression statement discards the future, "
            + "and the error with it.",
        helpLinkUri: RuleIds.HelpLink(RuleIds.UnobservedFuture));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [s_rule];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            var future = start.Compilation.GetTypeByMetadataName("Samovar.Future");
            var futureOfT = start.Compilation.GetTypeByMetadataName("Samovar.Future`1");
            if (future is null && futureOfT is null) return;

            start.RegisterOperationAction(c => Check(c, future, futureOfT), OperationKind.ExpressionStatement);
        });
    }

    private static void Check(OperationAnalysisContext context, INamedTypeSymbol? future, INamedTypeSymbol? futureOfT)
    {
        var value = ((IExpressionStatementOperation)context.Operation).Operation;
        if (!IsFuture(value.Type, future, futureOfT)) return;

        // For a method that returns the future on which it is called, the origin of that future decides.
        var origin = value;
        while (InnerReceiver(origin) is { } receiver && IsFuture(receiver.Type, future, futureOfT)) origin = receiver;

        if (origin is IInvocationOperation or IConditionalAccessOperation or IObjectCreationOperation or IAwaitOperation)
            context.ReportDiagnostic(Diagnostic.Create(s_rule, value.Syntax.GetLocation(), NameOf(value)));
    }

    private static IOperation? InnerReceiver(IOperation operation) => operation switch
    {
        IInvocationOperation { Instance: { } instance } => instance,
        IInvocationOperation { TargetMethod.IsExtensionMethod: true, Arguments.IsEmpty: false } call => call.Arguments[0].Value,
        IConditionalAccessOperation access => access.Operation,
        IConversionOperation conversion => conversion.Operand,
        _ => null,
    };

    private static string NameOf(IOperation operation) => operation switch
    {
        IInvocationOperation call => call.TargetMethod.Name,
        IConditionalAccessOperation access => NameOf(access.WhenNotNull),
        _ => operation.Syntax.ToString(),
    };

    private static bool IsFuture(ITypeSymbol? type, INamedTypeSymbol? future, INamedTypeSymbol? futureOfT)
    {
        for (; type is not null; type = type.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, future)
                || SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, futureOfT))
            {
                return true;
            }
        }
        return false;
    }
}
