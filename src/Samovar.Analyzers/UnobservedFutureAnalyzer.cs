using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Samovar.Analyzers;

/// <summary>SAM0004: a future is dropped as soon as it is made, so nobody will see how its task ends.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnobservedFutureAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor s_rule = new(
        RuleIds.UnobservedFuture,
        "Future is not observed",
        "Nobody observes the future of '{0}', so a failure would go unseen; await it, keep it, or drop it on purpose with '_ ='",
        RuleIds.Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "A future holds the result or the error of a task. An expression statement throws the future away, "
            + "and with it the error.",
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

        // A method that gives back the future on which it is called: what counts is where that one comes from.
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
