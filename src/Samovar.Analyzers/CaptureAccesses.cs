using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Samovar.Analyzers;

/// <summary>Tells reading from writing by what stands around the use of a captured value.</summary>
internal static class CaptureAccesses
{
    // Of the framework's collections only: what a method of the same name does elsewhere is unknown.
    private static readonly HashSet<string> s_mutators = new(StringComparer.Ordinal)
    {
        "Add", "AddFirst", "AddLast", "AddOrUpdate", "AddRange", "Clear", "Enqueue", "ExceptWith", "Insert", "InsertRange",
        "IntersectWith", "Push", "PushRange", "Remove", "RemoveAll", "RemoveAt", "RemoveFirst", "RemoveLast", "RemoveRange", "Reverse",
        "SetItem", "Sort", "SymmetricExceptWith", "TryAdd", "TryUpdate", "UnionWith",
    };

    public static CaptureAccess Of(IOperation use)
    {
        var access = CaptureAccess.Reassign;
        var target = use;
        while (target.Parent is { } parent)
        {
            switch (parent)
            {
                case IAssignmentOperation assignment:
                    return assignment.Target == target ? access : CaptureAccess.Read;
                case IIncrementOrDecrementOperation:
                    return access;
                case IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out }:
                    return access;
                case IInvocationOperation call when call.Instance == target:
                    return IsMutator(call.TargetMethod) && call.Parent is IExpressionStatementOperation
                        ? CaptureAccess.Mutate
                        : CaptureAccess.Read;
                case ITupleOperation:
                    target = parent;
                    break;
                case var _ when IsLive(target.Type):
                    return CaptureAccess.Read;
                case IMemberReferenceOperation { Member: IFieldSymbol or IPropertySymbol } member when member.Instance == target:
                case IArrayElementReferenceOperation element when element.ArrayReference == target:
                    target = parent;
                    access = CaptureAccess.Mutate;
                    break;
                default:
                    return CaptureAccess.Read;
            }
        }
        return CaptureAccess.Read;
    }

    private static bool IsMutator(IMethodSymbol method) =>
        s_mutators.Contains(method.Name)
        && method.ContainingNamespace.ToDisplayString() is "System.Collections.Generic" or "System.Collections.Concurrent"
            or "System.Collections.ObjectModel";

    // Samovar's own queues, locks and shared arrays arrive as the same object: what is written through them does come back.
    private static bool IsLive(ITypeSymbol? type) =>
        type is INamedTypeSymbol { ContainingNamespace: { } space } && space.ToDisplayString() is "Samovar" or "Samovar.Ipc";
}
