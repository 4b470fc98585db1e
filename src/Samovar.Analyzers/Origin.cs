using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Samovar.Analyzers;

/// <summary>What a value was made from, as far as its own declaration shows.</summary>
internal static class Origin
{
    /// <summary>The initializer of the local that is referred to, or the operation itself where there is none to see.</summary>
    public static IOperation Of(IOperation operation, CancellationToken cancellation)
    {
        if (operation is ILocalReferenceOperation { Local: var local }
            && local.DeclaringSyntaxReferences.FirstOrDefault() is { } declaration
            && declaration.SyntaxTree == operation.Syntax.SyntaxTree
            && operation.SemanticModel is { } model
            && model.GetOperation(declaration.GetSyntax(cancellation), cancellation) is IVariableDeclaratorOperation declarator
            && declarator.GetVariableInitializer() is { Value: { } value })
        {
            return value;
        }
        return operation;
    }
}
