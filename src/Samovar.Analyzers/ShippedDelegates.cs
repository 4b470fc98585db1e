using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Samovar.Analyzers;

/// <summary>Finds the functions that a call sends to another process: the lambdas, method groups and local functions among its arguments.</summary>
internal static class ShippedDelegates
{
    /// <summary>Returns the functions, each as an <see cref="IAnonymousFunctionOperation"/> or an <see cref="IMethodReferenceOperation"/>.</summary>
    public static List<IOperation> In(IOperation call, CancellationToken cancellation)
    {
        var arguments = call switch
        {
            IInvocationOperation invocation => invocation.Arguments,
            IObjectCreationOperation creation => creation.Arguments,
            _ => ImmutableArray<IArgumentOperation>.Empty,
        };

        var found = new List<IOperation>();
        foreach (var argument in arguments) Collect(argument.Value, found, cancellation);
        return found;
    }

    private static void Collect(IOperation? value, List<IOperation> found, CancellationToken cancellation)
    {
        switch (value)
        {
            case IAnonymousFunctionOperation or IMethodReferenceOperation:
                found.Add(value);
                break;
            case IDelegateCreationOperation creation:
                Collect(creation.Target, found, cancellation);
                break;
            case IConversionOperation conversion:
                Collect(conversion.Operand, found, cancellation);
                break;
            case IConditionalOperation choice:
                Collect(choice.WhenTrue, found, cancellation);
                Collect(choice.WhenFalse, found, cancellation);
                break;
            case ICoalesceOperation choice:
                Collect(choice.Value, found, cancellation);
                Collect(choice.WhenNull, found, cancellation);
                break;
            case IArrayCreationOperation { Initializer: { } initializer }:
                foreach (var element in initializer.ElementValues) Collect(element, found, cancellation);
                break;
            case ICollectionExpressionOperation collection:
                foreach (var element in collection.Elements) Collect(element, found, cancellation);
                break;
            case ILocalReferenceOperation { Type.TypeKind: TypeKind.Delegate } local:
                var origin = Origin.Of(local, cancellation);
                if (origin != local) Collect(origin, found, cancellation);
                break;
        }
    }
}
