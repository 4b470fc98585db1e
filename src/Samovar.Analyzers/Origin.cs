using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Samovar.Analyzers;

/// <summary>Finds the expression from which a local variable was initialized.</summary>
internal static class Origin
{
    /// <summary>Returns the initializer of the local that an operation refers to, or the operation itself if it has no visible initializer.</summary>
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
