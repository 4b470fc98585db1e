using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Samovar.Analyzers;

/// <summary>The types of Samovar that send delegates to another process, looked up once per compilation.</summary>
internal sealed class ShippingTypes
{
    private readonly INamedTypeSymbol?[] _executors;
    private readonly INamedTypeSymbol?[] _childProcesses;
    private readonly INamedTypeSymbol?[] _actors;

    private ShippingTypes(Compilation compilation)
    {
        _executors = Resolve(compilation, "Samovar.ProcessExecutor", "Samovar.RabbitMQExecutor");
        _childProcesses = Resolve(compilation, "Samovar.ChildProcess", "Samovar.ChildProcess`1");
        _actors = Resolve(compilation, "Samovar.Actor", "Samovar.Actor`1");
    }

    /// <summary>The shipping types of a compilation, or null where it knows none and nothing needs watching.</summary>
    public static ShippingTypes? Find(Compilation compilation)
    {
        var types = new ShippingTypes(compilation);
        return types._executors.Concat(types._childProcesses).Any(t => t is not null) ? types : null;
    }

    /// <summary>Whether the delegates among the arguments of this call or construction run in another process.</summary>
    public bool Ships(IOperation operation, CancellationToken cancellation) => operation switch
    {
        IInvocationOperation call => Ships(call, cancellation),
        IObjectCreationOperation { Constructor: not null } creation => IsOneOf(_childProcesses, creation.Type),
        _ => false,
    };

    private bool Ships(IInvocationOperation call, CancellationToken cancellation)
    {
        if (ReceiverOf(call) is not { } receiver)
            return IsOneOf(_childProcesses, call.TargetMethod.ContainingType) && StartsWork(call.TargetMethod);

        if (IsOneOf(_executors, receiver.Type))
            return IsDeclaredBesideAnExecutor(call.TargetMethod);

        return (IsOneOf(_childProcesses, receiver.Type) && StartsWork(call.TargetMethod))
            || (IsOneOf(_actors, receiver.Type) && LivesInAnotherProcess(receiver, cancellation));
    }

    // An actor's type does not tell where the actor lives, so only what the same method shows is believed:
    // `await pool.CreateActorAsync(…)` itself, or a local that was declared with it.
    private bool LivesInAnotherProcess(IOperation actor, CancellationToken cancellation)
    {
        var origin = Unwrap(Origin.Of(actor, cancellation));
        return origin is IInvocationOperation creation
            && ReceiverOf(creation) is { } executor
            && IsOneOf(_executors, executor.Type);
    }

    private static IOperation Unwrap(IOperation operation)
    {
        while (true)
        {
            switch (operation)
            {
                case IAwaitOperation awaited:
                    operation = awaited.Operation;
                    break;
                case IConversionOperation conversion:
                    operation = conversion.Operand;
                    break;
                case IInvocationOperation { TargetMethod.Name: "ConfigureAwait", Instance: { } configured }:
                    operation = configured;
                    break;
                default:
                    return operation;
            }
        }
    }

    private static bool StartsWork(IMethodSymbol method) =>
        method.Name.StartsWith("Start", StringComparison.Ordinal) || method.Name.StartsWith("Create", StringComparison.Ordinal);

    // A method that a user adds to a pool, by derivation or extension, decides by itself where its delegate runs.
    private bool IsDeclaredBesideAnExecutor(IMethodSymbol method)
    {
        while (method.OverriddenMethod is { } overridden)
            method = overridden;
        foreach (var executor in _executors)
        {
            for (var type = executor; type is not null; type = type.BaseType)
            {
                if (SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, method.ContainingAssembly))
                    return true;
            }
        }
        return false;
    }

    private static IOperation? ReceiverOf(IInvocationOperation call)
    {
        var receiver = call.Instance;
        if (receiver is null && call.TargetMethod.IsExtensionMethod && call.Arguments.Length > 0)
            receiver = call.Arguments[0].Value;
        while (receiver is IConversionOperation { IsImplicit: true } conversion)
            receiver = conversion.Operand;
        return receiver;
    }

    private static bool IsOneOf(INamedTypeSymbol?[] candidates, ITypeSymbol? type)
    {
        if (type is ITypeParameterSymbol parameter)
        {
            foreach (var constraint in parameter.ConstraintTypes)
            {
                if (IsOneOf(candidates, constraint))
                    return true;
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
