using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace Samovar.Analyzers;

/// <summary>Fixes SAM0003: copies the members that a shipped lambda reads to locals before the call, so that <c>this</c> stays at home.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CopyToLocalsFix))]
[Shared]
public sealed class CopyToLocalsFix : CodeFixProvider
{
    /// <summary>The title and key of the fix.</summary>
    public const string Title = "Copy the members to locals";

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [RuleIds.CapturedThis];

    // Two fixes in one block would choose the same names, each without knowing of the other.
    /// <inheritdoc/>
    public override FixAllProvider? GetFixAllProvider() => null;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var diagnostic = context.Diagnostics[0];
        if (!diagnostic.Properties.ContainsKey(CapturedThisAnalyzer.LocalsSuffice))
            return;

        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        var model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root is null || model is null)
            return;

        var expressions = diagnostic.AdditionalLocations
            .Select(l => root.FindNode(l.SourceSpan, getInnermostNodeForTie: true)).OfType<ExpressionSyntax>().ToList();
        if (expressions.Count != diagnostic.AdditionalLocations.Count || expressions[0] is not AnonymousFunctionExpressionSyntax lambda)
            return;
        if (StatementBefore(lambda) is not { } statement)
            return;
        var uses = expressions.GetRange(1, expressions.Count - 1);

        context.RegisterCodeFix(
            CodeAction.Create(Title, _ => Task.FromResult(context.Document.WithSyntaxRoot(Copy(root, model, statement, uses))), equivalenceKey: Title),
            diagnostic);
    }

    private static SyntaxNode Copy(SyntaxNode root, SemanticModel model, StatementSyntax statement, List<ExpressionSyntax> uses)
    {
        var taken = new HashSet<string>(NamesAround(model, statement), StringComparer.Ordinal);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var declarations = new List<StatementSyntax>();
        foreach (var use in uses)
        {
            var member = MemberName(use);
            if (names.ContainsKey(member))
                continue;

            var name = FreeName(member, taken);
            names.Add(member, name);
            declarations.Add(SyntaxFactory.LocalDeclarationStatement(
                    SyntaxFactory.VariableDeclaration(
                        SyntaxFactory.IdentifierName("var"),
                        SyntaxFactory.SingletonSeparatedList(SyntaxFactory.VariableDeclarator(name)
                            .WithInitializer(SyntaxFactory.EqualsValueClause(use.WithoutTrivia())))))
                .WithAdditionalAnnotations(Formatter.Annotation));
        }

        var rewritten = statement.ReplaceNodes(
            uses,
            (use, _) => SyntaxFactory.IdentifierName(names[MemberName(use)]).WithTriviaFrom(use));
        declarations[0] = declarations[0].WithLeadingTrivia(statement.GetLeadingTrivia());
        return root.ReplaceNode(statement, declarations.Append(rewritten.WithLeadingTrivia(IndentationOf(statement))));
    }

    // The copies are made where the members were read for the first time anyway: before a statement that evaluates the call once.
    private static StatementSyntax? StatementBefore(AnonymousFunctionExpressionSyntax lambda)
    {
        for (SyntaxNode? n = lambda; n is not null; n = n.Parent)
        {
            switch (n)
            {
                case ForEachStatementSyntax loop when loop.Expression.Span.Contains(lambda.Span):
                case ExpressionStatementSyntax or LocalDeclarationStatementSyntax or ReturnStatementSyntax or YieldStatementSyntax:
                    return n.Parent is BlockSyntax or SwitchSectionSyntax ? (StatementSyntax)n : null;
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

    private static IEnumerable<string> NamesAround(SemanticModel model, StatementSyntax statement)
    {
        var member = statement.FirstAncestorOrSelf<MemberDeclarationSyntax>() ?? (SyntaxNode)statement;
        return member.DescendantTokens().Where(t => t.IsKind(SyntaxKind.IdentifierToken)).Select(t => t.ValueText)
            .Concat(model.LookupSymbols(statement.SpanStart).Select(s => s.Name));
    }

    private static string FreeName(string member, HashSet<string> taken)
    {
        var trimmed = member.TrimStart('_');
        var stem = trimmed.Length == 0 ? "copy" : char.ToLowerInvariant(trimmed[0]) + trimmed.Substring(1);
        if (SyntaxFacts.GetKeywordKind(stem) == SyntaxKind.None && taken.Add(stem))
            return stem;
        var name = $"{stem}Copy";
        for (var i = 2; !taken.Add(name); i++)
            name = $"{stem}Copy{i}";
        return name;
    }

    private static SyntaxTriviaList IndentationOf(StatementSyntax statement) =>
        SyntaxFactory.TriviaList(statement.GetLeadingTrivia().Reverse().TakeWhile(t => t.IsKind(SyntaxKind.WhitespaceTrivia)).Reverse());
}
