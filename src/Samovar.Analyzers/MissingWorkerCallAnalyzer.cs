using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Samovar.Analyzers;

/// <summary>SAM0007: a program that is published as a single file or self-contained uses worker processes and never calls
/// <c>ProcessWorker.RunIfWorker</c>.</summary>
/// <remarks>The rule needs the whole compilation: it reports the first use of worker processes, in the order of the files' paths, when no code of the
/// program calls that method.</remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class MissingWorkerCallAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor s_rule = new(
        RuleIds.MissingWorkerCall,
        "Program does not start as its own worker",
        "The project sets {0}, so a worker process is this program, started again, and '{1}' fails without ProcessWorker.RunIfWorker; "
            + "call ProcessWorker.RunIfWorker(args) first in Main",
        RuleIds.Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "A program that is published as a single file or self-contained has no 'dotnet' that could start its workers. It is started again "
            + "as its own worker, so its Main must begin with ProcessWorker.RunIfWorker(args).",
        helpLinkUri: RuleIds.HelpLink(RuleIds.MissingWorkerCall),
        customTags: [WellKnownDiagnosticTags.CompilationEnd]);

    // Samovar.targets makes these properties visible to the compiler.
    private static readonly string[] s_properties = ["PublishSingleFile", "SelfContained", "PublishSelfContained"];

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [s_rule];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(Start);
    }

    private static void Start(CompilationStartAnalysisContext start)
    {
        if (start.Compilation.Options.OutputKind is not (OutputKind.ConsoleApplication or OutputKind.WindowsApplication)) return;
        var options = start.Options.AnalyzerConfigOptionsProvider.GlobalOptions;
        if (IsSet(options, "PublishAot")) return; // such a program has no workers, and the compiler's own rules say so
        if (Array.Find(s_properties, name => IsSet(options, name)) is not { } property) return;
        if (start.Compilation.GetTypeByMetadataName("Samovar.ProcessWorker") is not { } worker) return;

        INamedTypeSymbol?[] starters =
        [
            start.Compilation.GetTypeByMetadataName("Samovar.ProcessExecutor"),
            start.Compilation.GetTypeByMetadataName("Samovar.ChildProcess"),
            start.Compilation.GetTypeByMetadataName("Samovar.ChildProcess`1"),
            start.Compilation.GetTypeByMetadataName("Samovar.Hosting.SamovarBuilder"),
        ];
        var uses = new ConcurrentBag<(Location Place, string Name)>();
        var calls = new ConcurrentBag<Location>();
        start.RegisterOperationAction(
            context =>
            {
                if (Used(context.Operation) is not { } member) return;
                if (member.Name == "RunIfWorker" && SymbolEqualityComparer.Default.Equals(member.ContainingType, worker))
                    calls.Add(context.Operation.Syntax.GetLocation());
                else if (IsStart(member) && Array.Exists(starters, type => SymbolEqualityComparer.Default.Equals(type, member.ContainingType.OriginalDefinition)))
                    uses.Add((context.Operation.Syntax.GetLocation(), NameOf(member)));
            },
            OperationKind.ObjectCreation,
            OperationKind.Invocation,
            OperationKind.MethodReference);
        start.RegisterCompilationEndAction(end =>
        {
            if (!calls.IsEmpty || uses.IsEmpty) return;
            var (place, name) = uses
                .OrderBy(use => use.Place.SourceTree?.FilePath, StringComparer.Ordinal)
                .ThenBy(use => use.Place.SourceSpan)
                .First();
            end.ReportDiagnostic(Diagnostic.Create(s_rule, place, property, name));
        });
    }

    private static bool IsSet(AnalyzerConfigOptions options, string property) =>
        options.TryGetValue($"build_property.{property}", out string? value) && bool.TryParse(value, out bool isSet) && isSet;

    private static IMethodSymbol? Used(IOperation operation) => operation switch
    {
        IObjectCreationOperation creation => creation.Constructor,
        IInvocationOperation call => call.TargetMethod,
        IMethodReferenceOperation reference => reference.Method,
        _ => null,
    };

    private static bool IsStart(IMethodSymbol member) =>
        member.MethodKind == MethodKind.Constructor || (member.IsStatic ? member.Name == "Start" : member.Name == "AddProcessExecutor");

    private static string NameOf(IMethodSymbol member) =>
        member.MethodKind == MethodKind.Constructor ? $"new {member.ContainingType.Name}" : $"{member.ContainingType.Name}.{member.Name}";
}
