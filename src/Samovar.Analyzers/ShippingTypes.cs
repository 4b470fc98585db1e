using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Samovar.Analyzers;

/// <summary>The Samovar types that send delegates to another process, resolved once per compilation.</summary>
internal sealed class ShippingTypes
{
    private readonly INamedTypeSymbol?[] _executors;
    private readonly INamedTypeSymbol?[] _childProcesses;

    private ShippingTypes(Compilation compilation)
    {
        _executors = Resolve(compilation, "Samovar.ProcessExecutor");
        _childProcesses = Resolve(compilation, "Samovar.ChildProcess", "Samovar.ChildProcess`1");
    }

    /// <summary>Returns the shipping types of a compilation; null if it references none of them, so that there is nothing to check.</summary>
    public static ShippingTypes? Find(Compilation compilation)
    {
        var types = new ShippingTypes(compilation);
        return types._executors.Concat(types._childProcesses).Any(t => t is not null) ? types : null;
    }

    /// <summary>Whether the delegates among the arguments of a method or constructor call run in another process.</summary>
    public bool Ships(IOperation operation) => operation switch
    {
        IInvocationOperation call => Ships(call),
        IObjectCreationOperation { Constructor: not null } creation => IsOneOf(_childProcesses, creation.Type),
        _ => false,
    };

    private bool Ships(IInvocationOperation call)
    {
        if (ReceiverOf(call) is not { } receiver)
            return IsOneOf(_childProcesses, call.TargetMethod.ContainingType) && StartsWork(call.TargetMethod);

        if (IsOneOf(_executors, receiver.Type)) return IsDeclaredBesideAnExecutor(call.TargetMethod);

        return IsOneOf(_childProcesses, receiver.Type) && StartsWork(call.TargetMethod);
    }

    private static bool StartsWork(IMethodSymbol method) =>
        method.Name.StartsWith("Start", StringComparison.Ordinal) || method.Name.StartsWith("Create", StringComparison.Ordinal);

    // A method that a user adds to an executor, by derivation or extension, may run its delegate anywhere.
    private bool IsDeclaredBesideAnExecutor(IMethodSymbol method)
    {
        while (method.OverriddenMethod is { } overridden) method = overridden;
        foreach (var executor in _executors)
        {
            for (var type = executor; type is not null; type = type.BaseType)
            {
                if (SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, method.ContainingAssembly)) return true;
            }
        }
        return false;
    }

    private static IOperation? ReceiverOf(IInvocationOperation call)
    {
        var receiver = call.Instance;
        if (receiver is null && call.TargetMethod.IsExtensionMethod && call.Arguments.Length > 0)
            receiver = call.Arguments[0].Value;
        while (receiver is IConversionOperation { IsImplicit: true } conversion) receiver = conversion.Operand;
        return receiver;
    }

    private static bool IsOneOf(INamedTypeSymbol?[] candidates, ITypeSymbol? type)
    {
        if (type is ITypeParameterSymbol parameter)
        {
            foreach (var constraint in parameter.ConstraintTypes)
            {
                if (IsOneOf(candidates, constraint)) return true;
            }
            return false;
        }

        for (; type is not null; type = type.BaseType)
        {
            foreach (var candidate in candidates)
            {
                if (candidate is not null && SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, candidate))
                    return true;
            }
        }
        return false;
    }

    private static INamedTypeSymbol?[] Resolve(Compilation compilation, params string[] names) =>
        Array.ConvertAll(names, compilation.GetTypeByMetadataName);
}
