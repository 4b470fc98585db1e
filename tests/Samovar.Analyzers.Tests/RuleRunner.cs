using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Samovar.Analyzers.Tests;

/// <summary>Runs one rule over source text, and applies its fixes, without the help of an editor.</summary>
internal static class RuleRunner
{
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Samovar;
        global using Samovar.Ipc;
        """;

    /// <summary>Demands reports at the marked places and nowhere else; gives them in the order of the text.</summary>
    public static async Task<IReadOnlyList<Diagnostic>> CheckAsync(DiagnosticAnalyzer rule, string marked, params (string Name, string Value)[] properties)
    {
        var markup = Markup.Parse(marked);
        using var workspace = new AdhocWorkspace();
        var reports = await ReportsAsync(rule, DocumentWith(workspace, markup.Code), mayHaveErrors: false, properties);
        reports.Select(r => r.Location.SourceSpan).ShouldBe(
            markup.Spans,
            string.Join('\n', reports.Select(r => $"{r} at '{markup.Code.Substring(r.Location.SourceSpan.Start, r.Location.SourceSpan.Length)}'")));
        return reports;
    }

    /// <summary>What the rule reports on code that has to compile, in a project that sets these properties.</summary>
    public static async Task<IReadOnlyList<Diagnostic>> ReportsAsync(DiagnosticAnalyzer rule, string code, params (string Name, string Value)[] properties)
    {
        using var workspace = new AdhocWorkspace();
        return await ReportsAsync(rule, DocumentWith(workspace, code), mayHaveErrors: false, properties);
    }

    /// <summary>Demands only that the rule does not throw on code that need not compile.</summary>
    public static async Task SurviveAsync(DiagnosticAnalyzer rule, string code)
    {
        using var workspace = new AdhocWorkspace();
        await ReportsAsync(rule, DocumentWith(workspace, code), mayHaveErrors: true);
    }

    /// <summary>Applies the fix of this title to the first report and demands the resulting text, which has to compile.</summary>
    public static async Task FixAsync(DiagnosticAnalyzer rule, CodeFixProvider provider, string title, string marked, string expected)
    {
        using var workspace = new AdhocWorkspace();
        var document = DocumentWith(workspace, Markup.Parse(marked).Code);
        var actions = await FixesAsync(rule, provider, document);
        var action = actions.SingleOrDefault(a => a.Title == title).ShouldNotBeNull($"offered: {string.Join(", ", actions.Select(a => a.Title))}");
        var operations = await action.GetOperationsAsync(CancellationToken.None);
        var solution = operations.OfType<ApplyChangesOperation>().ShouldHaveSingleItem().ChangedSolution;

        var changed = solution.GetDocument(document.Id).ShouldNotBeNull();
        (await changed.GetTextAsync()).ToString().ShouldBe(expected);
        ErrorsOf(await CompilationOf(changed)).ShouldBeEmpty();
    }

    /// <summary>The titles of the fixes offered for the first report.</summary>
    public static async Task<IReadOnlyList<string>> FixTitlesAsync(DiagnosticAnalyzer rule, CodeFixProvider provider, string marked)
    {
        using var workspace = new AdhocWorkspace();
        var actions = await FixesAsync(rule, provider, DocumentWith(workspace, Markup.Parse(marked).Code));
        return [.. actions.Select(a => a.Title)];
    }

    private static async Task<List<CodeAction>> FixesAsync(DiagnosticAnalyzer rule, CodeFixProvider provider, Document document)
    {
        var reports = await ReportsAsync(rule, document, mayHaveErrors: false);
        reports.ShouldNotBeEmpty();
        var actions = new List<CodeAction>();
        await provider.RegisterCodeFixesAsync(new CodeFixContext(document, reports[0], (action, _) => actions.Add(action), CancellationToken.None));
        return actions;
    }

    private static async Task<IReadOnlyList<Diagnostic>> ReportsAsync(
        DiagnosticAnalyzer rule, Document document, bool mayHaveErrors, params (string Name, string Value)[] properties)
    {
        var compilation = await CompilationOf(document);
        if (!mayHaveErrors)
            ErrorsOf(compilation).ShouldBeEmpty();

        var crashes = new List<string>();
        var options = new CompilationWithAnalyzersOptions(
            new AnalyzerOptions([], new BuildProperties(properties)),
            onAnalyzerException: (exception, _, _) => { lock (crashes) crashes.Add(exception.ToString()); },
            concurrentAnalysis: true,
            logAnalyzerExecutionTime: false);
        var reports = await compilation.WithAnalyzers([rule], options).GetAnalyzerDiagnosticsAsync();
        crashes.ShouldBeEmpty();
        return [.. reports.OrderBy(r => r.Location.SourceSpan)];
    }

    private static async Task<Compilation> CompilationOf(Document document) => (await document.Project.GetCompilationAsync()).ShouldNotBeNull();

    private static ImmutableArray<Diagnostic> ErrorsOf(Compilation compilation) =>
        [.. compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error)];

    private static Document DocumentWith(AdhocWorkspace workspace, string code)
    {
        var isProgram = CSharpSyntaxTree.ParseText(code).GetCompilationUnitRoot().Members
            .Any(m => m is Microsoft.CodeAnalysis.CSharp.Syntax.GlobalStatementSyntax);
        var project = workspace.AddProject("User", LanguageNames.CSharp)
            .WithCompilationOptions(new CSharpCompilationOptions(
                isProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
                allowUnsafe: true,
                nullableContextOptions: NullableContextOptions.Enable))
            .WithParseOptions(new CSharpParseOptions(LanguageVersion.Preview))
            .AddMetadataReferences([.. Stubs.Framework, Stubs.Library])
            .AddDocument("Usings.cs", Usings).Project;
        return project.AddDocument("User.cs", code);
    }
}
