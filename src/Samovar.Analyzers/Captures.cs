using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Samovar.Analyzers;

/// <summary>Lists the uses of outside variables and objects in a function, including in the local functions that it calls.</summary>
internal sealed class Captures : OperationWalker
{
    private readonly List<Capture> _captures = [];
    private readonly List<ISymbol> _inside = [];
    private readonly ISymbol? _member;
    private readonly CancellationToken _cancellation;
    private LocalFunctionCall? _through;

    private Captures(IMethodSymbol? function, IOperation place, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        if (function is not null) _inside.Add(function);
        _member = place.SemanticModel?.GetEnclosingSymbol(place.Syntax.SpanStart, cancellation);
        while (_member is IMethodSymbol { MethodKind: MethodKind.AnonymousFunction or MethodKind.LocalFunction })
            _member = _member.ContainingSymbol;
    }

    /// <param name="function">A lambda or a method group.</param>
    /// <param name="cancellation">Cancels the search.</param>
    public static List<Capture> Of(IOperation function, CancellationToken cancellation)
    {
        var captures = new Captures((function as IAnonymousFunctionOperation)?.Symbol, function, cancellation);
        if (function is IAnonymousFunctionOperation lambda) captures.Visit(lambda.Body);
        else if (function is IMethodReferenceOperation group) captures.AddMethodGroup(group);
        return captures._captures;
    }

    public override void VisitLocalReference(ILocalReferenceOperation operation)
    {
        if (!operation.Local.IsConst && IsOutside(operation.Local))
            Add(CaptureKind.Variable, operation.Local, operation, operation);
    }

    public override void VisitParameterReference(IParameterReferenceOperation operation)
    {
        if (!IsOutside(operation.Parameter)) return;

        // Except in the constructor and in initializers, a primary constructor parameter is a field of `this`.
        var isField = operation.Parameter.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.Constructor } constructor
            && _member is IMethodSymbol member && !SymbolEqualityComparer.Default.Equals(member, constructor);
        Add(isField ? CaptureKind.This : CaptureKind.Variable, operation.Parameter, operation, operation);
    }

    public override void VisitInstanceReference(IInstanceReferenceOperation operation)
    {
        if (operation.ReferenceKind != InstanceReferenceKind.ContainingTypeInstance) return;

        switch (operation.Parent)
        {
            case IMemberReferenceOperation access when access.Instance == operation:
                Add(CaptureKind.This, access.Member, operation, access);
                break;
            case IInvocationOperation call when call.Instance == operation:
                Add(CaptureKind.This, call.TargetMethod, operation, operation);
                break;
            default:
                Add(CaptureKind.This, symbol: null, operation, operation);
                break;
        }
    }

    public override void VisitInvocation(IInvocationOperation operation)
    {
        Follow(operation.TargetMethod, operation);
        base.VisitInvocation(operation);
    }

    public override void VisitMethodReference(IMethodReferenceOperation operation)
    {
        // A local function has no target, although the operation may contain an implicit `this`.
        if (operation.Method.MethodKind == MethodKind.LocalFunction) Follow(operation.Method, operation);
        else base.VisitMethodReference(operation);
    }

    // nameof is a constant, so its operand is not captured.
    public override void VisitNameOf(INameOfOperation operation)
    {
    }

    private void AddMethodGroup(IMethodReferenceOperation group)
    {
        switch (group.Instance)
        {
            case null:
            case var _ when group.Method.MethodKind == MethodKind.LocalFunction:
                Follow(group.Method, group);
                break;
            case IInstanceReferenceOperation instance:
                Add(CaptureKind.This, group.Method, instance, group);
                break;
            case var target:
                Add(CaptureKind.Target, symbol: null, target, target);
                break;
        }
    }

    private void Follow(IMethodSymbol method, IOperation call)
    {
        var function = method.OriginalDefinition;
        if (function.MethodKind != MethodKind.LocalFunction || function.IsStatic || !IsOutside(function)) return;
        var declaration = function.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(_cancellation);
        if (declaration is null) return;
        if (call.SemanticModel?.GetOperation(declaration, _cancellation) is not ILocalFunctionOperation local) return;

        _inside.Add(function);
        var outer = _through;
        _through ??= new LocalFunctionCall(function, call);
        Visit(local.Body);
        _through = outer;
    }

    private bool IsOutside(ISymbol symbol)
    {
        for (ISymbol? s = symbol; s is not null; s = s.ContainingSymbol)
        {
            foreach (var function in _inside)
            {
                if (SymbolEqualityComparer.Default.Equals(s, function)) return false;
            }
        }
        return true;
    }

    private void Add(CaptureKind kind, ISymbol? symbol, IOperation reference, IOperation use) =>
        _captures.Add(new Capture(kind, symbol, reference, use, _member?.ContainingType, _through));
}
