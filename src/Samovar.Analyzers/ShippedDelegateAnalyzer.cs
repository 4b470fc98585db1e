using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Samovar.Analyzers;

/// <summary>A rule about what a delegate takes along when it is sent to another process.</summary>
public abstract class ShippedDelegateAnalyzer : DiagnosticAnalyzer
{
    private protected ShippedDelegateAnalyzer()
    {
    }

    /// <inheritdoc/>
    public sealed override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            if (ShippingTypes.Find(start.Compilation) is not { } types)
                return;

            var check = CreateCheck(start.Compilation);
            start.RegisterOperationAction(
                operation =>
                {
                    if (!types.Ships(operation.Operation, operation.CancellationToken))
                        return;
                    foreach (var function in ShippedDelegates.In(operation.Operation, operation.CancellationToken))
                        check(operation, function, Captures.Of(function, operation.CancellationToken));
                },
                OperationKind.Invocation,
                OperationKind.ObjectCreation);
        });
    }

    /// <summary>Called once per compilation; what it returns is called for every shipped delegate, from several threads.</summary>
    private protected abstract ShippedDelegateCheck CreateCheck(Compilation compilation);
}

/// <summary>Looks at one shipped delegate.</summary>
/// <param name="context">Takes the reports.</param>
/// <param name="function">The lambda or method group.</param>
/// <param name="captures">All that it takes along, in the order of its text.</param>
internal delegate void ShippedDelegateCheck(OperationAnalysisContext context, IOperation function, List<Capture> captures);
