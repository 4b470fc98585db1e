using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Samovar.Analyzers;

/// <summary>SAM0005: code given to an event loop waits by the system's clock instead of the loop's.</summary>
/// <remarks>Seen are lambdas given to members of <c>EventLoop</c>, <c>TaskGroup</c> and <c>CancelScope</c>, what is nested in them, and the local functions that they
/// use, directly or through others.</remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class SystemClockOnLoopAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor s_rule = new(
        RuleIds.SystemClockOnLoop,
        "Code of an event loop uses the system's clock",
        "'{0}' waits by the system's clock, which virtual time does not wait for; use {1}",
        RuleIds.Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "An event loop has a clock of its own. Timers of the system's clock do not obey it: in virtual time they make tests wait for real, "
            + "or fail because the loop's clock went on.",
        helpLinkUri: RuleIds.HelpLink(RuleIds.SystemClockOnLoop));

    private static readonly string[] s_owners = ["Samovar.EventLoop", "Samovar.TaskGroup", "Samovar.TaskGroup`1", "Samovar.CancelScope"];

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [s_rule];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            var owners = s_owners
                .Select(start.Compilation.GetTypeByMetadataName)
                .Where(type => type is not null)
                .ToImmutableHashSet(SymbolEqualityComparer.Default);
            if (!owners.IsEmpty) start.RegisterOperationBlockAction(block => Check(block, owners));
        });
    }

    private static void Check(OperationBlockAnalysisContext context, ImmutableHashSet<ISymbol?> owners)
    {
        var functions = new Dictionary<ISymbol, ILocalFunctionOperation>(SymbolEqualityComparer.Default);
        var open = new Stack<IOperation>();
        foreach (var operation in context.OperationBlocks.SelectMany(block => block.DescendantsAndSelf()))
        {
            if (operation is ILocalFunctionOperation function) functions[function.Symbol] = function;
            else if (operation is IArgumentOperation argument && IsOfLoop(argument, owners)) open.Push(argument.Value);
        }

        var seen = new HashSet<IOperation>();
        while (open.Count > 0)
        {
            var operation = open.Pop();
            if (!seen.Add(operation) || LeavesLoop(operation)) continue;
            foreach (var inner in operation.ChildOperations)
            {
                if (inner is not ILocalFunctionOperation) open.Push(inner); // it is looked at where it is used
            }

            if (UsedFunction(operation) is { } used && functions.TryGetValue(used.OriginalDefinition, out var body)) open.Push(body);
            if (Replacement(operation) is { } replacement)
                context.ReportDiagnostic(Diagnostic.Create(s_rule, operation.Syntax.GetLocation(), NameOf(operation), replacement));
        }
    }

    /// <summary>Whether a delegate is handed to other threads, or to an executor that is no loop.</summary>
    private static bool LeavesLoop(IOperation operation)
    {
        if (operation is not IArgumentOperation { Parameter.Type.TypeKind: TypeKind.Delegate }) return false;
        if (operation.Parent is not IInvocationOperation call) return operation.Parent is IObjectCreationOperation { Type.Name: "Thread" };
        var method = call.TargetMethod;
        return method.Name == "RunOnAsync"
            || (IsOfThreading(method) && (method.ContainingType.Name, method.Name) is ("Task", "Run") or ("ThreadPool", "QueueUserWorkItem" or "UnsafeQueueUserWorkItem"))
            || (IsOfThreading(method) && method is { Name: "StartNew", ContainingType.Name: "TaskFactory" } && method.Parameters.Any(parameter => parameter.Type.Name == "TaskScheduler"))
            || (method.ContainingType.Name == "Executor" && call.Instance?.Type?.Name != "EventLoop");
    }

    /// <summary>Whether a delegate is handed to a loop, a group or a scope.</summary>
    private static bool IsOfLoop(IArgumentOperation argument, ImmutableHashSet<ISymbol?> owners)
    {
        if (argument.Parent is not IInvocationOperation call || argument.Parameter?.Type.TypeKind != TypeKind.Delegate) return false;
        if (LeavesLoop(argument)) return false;
        return owners.Contains(call.TargetMethod.ContainingType.OriginalDefinition)
            || (call.Instance?.Type is { } receiver && owners.Contains(receiver.OriginalDefinition));
    }

    private static IMethodSymbol? UsedFunction(IOperation operation) => operation switch
    {
        IInvocationOperation { TargetMethod: { MethodKind: MethodKind.LocalFunction } called } => called,
        IMethodReferenceOperation { Method: { MethodKind: MethodKind.LocalFunction } handed } => handed,
        _ => null,
    };

    /// <summary>What to use instead; null where the operation does not wait by the system's clock.</summary>
    private static string? Replacement(IOperation operation) => operation switch
    {
        IInvocationOperation { TargetMethod: { Name: "Delay", ContainingType.Name: "Task" } method } when IsOfThreading(method) && !TakesClock(method) && !IsEndless(operation) =>
            "EventLoop.SleepAsync, or give it the loop's Time",
        IInvocationOperation { TargetMethod: { Name: "WaitAsync", ContainingType.Name: "Task" } method } when IsOfThreading(method) && TakesTime(method) && !TakesClock(method) && !IsEndless(operation) =>
            "a CancelScope, or give it the loop's Time",
        IInvocationOperation { TargetMethod: { Name: "Sleep", ContainingType.Name: "Thread" } method } when IsOfThreading(method) =>
            "EventLoop.SleepAsync: it blocks the loop's thread besides",
        IObjectCreationOperation { Constructor: { ContainingType.Name: "PeriodicTimer" or "CancellationTokenSource" } constructor }
            when IsOfThreading(constructor) && constructor.Parameters.Length > 0 && !TakesClock(constructor) => "the constructor that takes a TimeProvider, with the loop's Time",
        _ => null,
    };

    /// <summary>Whether it waits for as long as it takes: there is no timer then.</summary>
    private static bool IsEndless(IOperation call) => ((IInvocationOperation)call).Arguments.Any(argument => argument.Value switch
    {
        IFieldReferenceOperation { Field: { Name: "Infinite" or "InfiniteTimeSpan", ContainingType.Name: "Timeout" } } => true,
        { ConstantValue: { HasValue: true, Value: -1 } } => true,
        _ => false,
    });

    private static bool IsOfThreading(IMethodSymbol method) =>
        method.ContainingType.ContainingNamespace.ToDisplayString() is "System.Threading" or "System.Threading.Tasks";

    private static bool TakesClock(IMethodSymbol method) => method.Parameters.Any(parameter => parameter.Type.Name == "TimeProvider");

    private static bool TakesTime(IMethodSymbol method) => method.Parameters.Any(parameter => parameter.Type.Name == "TimeSpan");

    private static string NameOf(IOperation operation) => operation switch
    {
        IInvocationOperation call => $"{call.TargetMethod.ContainingType.Name}.{call.TargetMethod.Name}",
        IObjectCreationOperation creation => $"new {creation.Type!.Name}",
        _ => operation.Syntax.ToString(),
    };
}
