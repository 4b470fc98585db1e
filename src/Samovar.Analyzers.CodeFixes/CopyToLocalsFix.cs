using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace Samovar.Analyzers;

/// <summary>
/// Fixes SAM0003 by copying the members that a shipped lambda reads to locals before the call, so that <c>this</c> is not captured, and
/// SAM0001 for a captured <c>CancellationTokenSource</c> by copying its token.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CopyToLocalsFix))]
[Shared]
public sealed class CopyToLocalsFix : CodeFixProvider
{
    /// <summary>The title and key of the fix.</summary>
    public const string Title = "Copy to locals before the call";

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [RuleIds.CapturedThis, RuleIds.CaptureCannotTravel];

    // Two fixes in one block, computed independently, would choose the same names.
    /// <inheritdoc/>
    public override FixAllProvider? GetFixAllProvider() => null;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var diagnostic = context.Diagnostics[0];
        if (!diagnostic.Properties.ContainsKey(ShippedDelegateAnalyzer.LocalsSuffice)) return;

        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root is null || model is null) return;

        var expressions = diagnostic.AdditionalLocations
            .Select(l => root.FindNode(l.SourceSpan, getInnermostNodeForTie: true)).OfType<ExpressionSyntax>().ToList();
        if (expressions.Count != diagnostic.AdditionalLocations.Count) return;
        if (expressions[0] is not AnonymousFunctionExpressionSyntax lambda || PlaceOfCall(lambda) is not { } place) return;
        var uses = expressions.GetRange(1, expressions.Count - 1);

        context.RegisterCodeFix(CodeAction.Create(Title, Apply, equivalenceKey: Title), diagnostic);

        Task<Document> Apply(CancellationToken cancellation) =>
            Task.FromResult(context.Document.WithSyntaxRoot(Copy(root, model, place, uses)));
    }

    private static SyntaxNode Copy(SyntaxNode root, SemanticModel model, SyntaxNode place, List<ExpressionSyntax> uses)
    {
        var taken = new HashSet<string>(NamesAround(model, place), StringComparer.Ordinal);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var copies = new List<StatementSyntax>();
        foreach (var use in uses)
        {
            var member = MemberName(use);
            if (names.ContainsKey(member)) continue;

            names.Add(member, FreeName(member, taken));
            copies.Add(CopyOf(use, names[member]));
        }

        var rewritten = place.ReplaceNodes(
            uses,
            (use, _) => SyntaxFactory.IdentifierName(names[MemberName(use)]).WithTriviaFrom(use));
        if (rewritten is MethodDeclarationSyntax method)
            return root.ReplaceNode(place, WithBlock(method, copies, model.GetDeclaredSymbol((MethodDeclarationSyntax)place)));

        copies[0] = copies[0].WithLeadingTrivia(place.GetLeadingTrivia());
        return root.ReplaceNode(place, copies.Append(rewritten.WithLeadingTrivia(IndentationOf(place))));
    }

    private static LocalDeclarationStatementSyntax CopyOf(ExpressionSyntax value, string name) =>
        SyntaxFactory.LocalDeclarationStatement(
                SyntaxFactory.VariableDeclaration(
                    SyntaxFactory.IdentifierName("var"),
                    SyntaxFactory.SingletonSeparatedList(SyntaxFactory.VariableDeclarator(name)
                        .WithInitializer(SyntaxFactory.EqualsValueClause(value.WithoutTrivia())))))
            .WithAdditionalAnnotations(Formatter.Annotation);

    private static MethodDeclarationSyntax WithBlock(
        MethodDeclarationSyntax method,
        List<StatementSyntax> copies,
        IMethodSymbol? symbol)
    {
        var value = method.ExpressionBody!.Expression.WithoutTrivia();
        var givesNothing = symbol is { ReturnsVoid: true }
            or { IsAsync: true, ReturnType: INamedTypeSymbol { IsGenericType: false } };
        copies.Add(givesNothing ? SyntaxFactory.ExpressionStatement(value) : SyntaxFactory.ReturnStatement(value));
        return method.WithExpressionBody(null).WithSemicolonToken(default)
            .WithParameterList(method.ParameterList.WithTrailingTrivia(SyntaxFactory.ElasticCarriageReturnLineFeed))
            .WithBody(SyntaxFactory.Block(copies)).WithTrailingTrivia(method.GetTrailingTrivia())
            .WithAdditionalAnnotations(Formatter.Annotation);
    }

    // The copies are inserted before a statement that evaluates the call exactly once, or before the only expression of a method, so that they
    // read the members at the time at which the object would have been sent.
    private static SyntaxNode? PlaceOfCall(AnonymousFunctionExpressionSyntax lambda)
    {
        for (SyntaxNode? n = lambda; n is not null; n = n.Parent)
        {
            switch (n)
            {
                case ForEachStatementSyntax loop when loop.Expression.Span.Contains(lambda.Span):
                case ExpressionStatementSyntax or LocalDeclarationStatementSyntax:
                case ReturnStatementSyntax or YieldStatementSyntax:
                    return n.Parent is BlockSyntax or SwitchSectionSyntax ? n : null;
                case MethodDeclarationSyntax { ExpressionBody: not null }:
                    return n;
                case StatementSyntax or MemberDeclarationSyntax:
                case AnonymousFunctionExpressionSyntax when n != lambda:
                    return null;
            }
        }
        return null;
    }

    private static string MemberName(ExpressionSyntax use) => use switch
    {
        MemberAccessExpressionSyntax access => access.Name.Identifier.ValueText,
        SimpleNameSyntax name => name.Identifier.ValueText,
        _ => use.ToString(),
    };

    private static IEnumerable<string> NamesAround(SemanticModel model, SyntaxNode place)
    {
        var member = place.FirstAncestorOrSelf<MemberDeclarationSyntax>() ?? place;
        return member.DescendantTokens().Where(t => t.IsKind(SyntaxKind.IdentifierToken)).Select(t => t.ValueText)
            .Concat(model.LookupSymbols(place.SpanStart).Select(s => s.Name));
    }

    private static string FreeName(string member, HashSet<string> taken)
    {
        var trimmed = member.TrimStart('_');
        var stem = trimmed.Length == 0 ? "copy" : char.ToLowerInvariant(trimmed[0]) + trimmed.Substring(1);
        if (SyntaxFacts.GetKeywordKind(stem) == SyntaxKind.None && taken.Add(stem)) return stem;
        var name = $"{stem}Copy";
        for (var i = 2; !taken.Add(name); i++) name = $"{stem}Copy{i}";
        return name;
    }

    private static SyntaxTriviaList IndentationOf(SyntaxNode place) =>
        SyntaxFactory.TriviaList(
            place.GetLeadingTrivia().Reverse().TakeWhile(t => t.IsKind(SyntaxKind.WhitespaceTrivia)).Reverse());
}
