using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace Samovar.Analyzers;

/// <summary>Fixes SAM0004: awaits the future if the enclosing code can await, or assigns it to a discard.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(UnobservedFutureFix))]
[Shared]
public sealed class UnobservedFutureFix : CodeFixProvider
{
    /// <summary>The title and key of the fix that awaits the future.</summary>
    public const string AwaitTitle = "Await the future";

    /// <summary>The title and key of the fix that assigns the future to a discard.</summary>
    public const string DiscardTitle = "Discard the future explicitly";

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [RuleIds.UnobservedFuture];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        if (root?.FindNode(context.Span, getInnermostNodeForTie: true) is not ExpressionSyntax future) return;

        // A null future cannot be awaited, and `pool?.Submit(…)` returns null if the pool is null.
        if (future is not ConditionalAccessExpressionSyntax && MayAwait(future))
        {
            Register(context, root, future, AwaitTitle,
                SyntaxFactory.AwaitExpression(future is AwaitExpressionSyntax or CastExpressionSyntax
                    ? SyntaxFactory.ParenthesizedExpression(future.WithoutTrivia())
                    : future.WithoutTrivia()));
        }

        // If `_` is the name of a parameter or variable, it is not a discard.
        var model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (model?.LookupSymbols(future.SpanStart, name: "_").IsEmpty == true)
        {
            Register(context, root, future, DiscardTitle,
                SyntaxFactory.AssignmentExpression(
                    SyntaxKind.SimpleAssignmentExpression,
                    SyntaxFactory.IdentifierName(
                        SyntaxFactory.Identifier(default, SyntaxKind.UnderscoreToken, "_", "_", default)),
                    future.WithoutTrivia()));
        }
    }

    private static void Register(
        CodeFixContext context,
        SyntaxNode root,
        ExpressionSyntax future,
        string title,
        ExpressionSyntax replacement)
    {
        var replaced = root.ReplaceNode(
            future,
            replacement.WithTriviaFrom(future).WithAdditionalAnnotations(Formatter.Annotation));
        context.RegisterCodeFix(
            CodeAction.Create(title, _ => Task.FromResult(context.Document.WithSyntaxRoot(replaced)), equivalenceKey: title),
            context.Diagnostics);
    }

    private static bool MayAwait(SyntaxNode node)
    {
        for (var n = node.Parent; n is not null; n = n.Parent)
        {
            switch (n)
            {
                case LockStatementSyntax or QueryExpressionSyntax or UnsafeStatementSyntax:
                    return false;
                case AnonymousFunctionExpressionSyntax function:
                    return !function.AsyncKeyword.IsKind(SyntaxKind.None);
                case LocalFunctionStatementSyntax function:
                    return function.Modifiers.Any(SyntaxKind.AsyncKeyword);
                case MethodDeclarationSyntax method:
                    return method.Modifiers.Any(SyntaxKind.AsyncKeyword);
                case GlobalStatementSyntax:
                    return true;
                case MemberDeclarationSyntax or AccessorDeclarationSyntax:
                    return false;
            }
        }
        return false;
    }
}
