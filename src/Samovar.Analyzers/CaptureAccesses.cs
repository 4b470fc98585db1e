using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Samovar.Analyzers;

/// <summary>Determines from the enclosing operations whether a use reads or writes a captured value.</summary>
internal static class CaptureAccesses
{
    // Applies only to .NET's own collections: methods of the same name on other types may do something else.
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

    // Samovar's queues, locks and shared arrays refer to the same shared object in every process, so writes through them are visible here.
    private static bool IsLive(ITypeSymbol? type) =>
        type is INamedTypeSymbol { ContainingNamespace: { } space } && space.ToDisplayString() is "Samovar" or "Samovar.Ipc";
}
