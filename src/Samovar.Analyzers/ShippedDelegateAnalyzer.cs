using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Samovar.Analyzers;

/// <summary>Provides the base class for rules about the captures of a delegate that is sent to another process.</summary>
public abstract class ShippedDelegateAnalyzer : DiagnosticAnalyzer
{
    /// <summary>
    /// The property that a diagnostic has if locals, declared before the call, can replace the captures. The first additional location of
    /// the diagnostic is then the lambda, and the others are the expressions to replace.
    /// </summary>
    public const string LocalsSuffice = nameof(LocalsSuffice);

    private protected static readonly ImmutableDictionary<string, string?> CanBeCopied =
        ImmutableDictionary<string, string?>.Empty.Add(LocalsSuffice, null);

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
            if (ShippingTypes.Find(start.Compilation) is not { } types) return;

            var check = CreateCheck(start.Compilation);
            start.RegisterOperationAction(
                operation =>
                {
                    if (!types.Ships(operation.Operation)) return;
                    foreach (var function in ShippedDelegates.In(operation.Operation, operation.CancellationToken))
                        check(operation, function, Captures.Of(function, operation.CancellationToken));
                },
                OperationKind.Invocation,
                OperationKind.ObjectCreation);
        });
    }

    private protected static IEnumerable<Location> LocationsToCopy(IOperation function, IEnumerable<IOperation> uses) =>
        uses.Select(u => u.Syntax.GetLocation()).Prepend(function.Syntax.GetLocation());

    /// <summary>Creates the check of a rule. Called once per compilation; the check is called for every shipped delegate, by many threads.</summary>
    private protected abstract ShippedDelegateCheck CreateCheck(Compilation compilation);
}

/// <summary>Checks one shipped delegate.</summary>
/// <param name="context">Receives the diagnostics.</param>
/// <param name="function">The lambda or method group.</param>
/// <param name="captures">The captures of the function, in source order.</param>
internal delegate void ShippedDelegateCheck(OperationAnalysisContext context, IOperation function, List<Capture> captures);
