using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Samovar.Analyzers;

/// <summary>A rule about what a delegate takes along when it is sent to another process.</summary>
public abstract class ShippedDelegateAnalyzer : DiagnosticAnalyzer
{
    /// <summary>
    /// The property of a diagnostic that tells that locals, made before the call, can replace what the lambda should not capture. Its
    /// first additional location is then the lambda, the others are the expressions to replace.
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

    /// <summary>Called once per compilation; the check that it makes is called for every shipped delegate, from many threads.</summary>
    private protected abstract ShippedDelegateCheck CreateCheck(Compilation compilation);
}

/// <summary>Looks at one shipped delegate.</summary>
/// <param name="context">Takes the reports.</param>
/// <param name="function">The lambda or method group.</param>
/// <param name="captures">All that it takes along, in the order of its text.</param>
internal delegate void ShippedDelegateCheck(OperationAnalysisContext context, IOperation function, List<Capture> captures);
