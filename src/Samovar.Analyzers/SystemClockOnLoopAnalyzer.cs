using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Samovar.Analyzers;

/// <summary>SAM0005: code on an event loop waits on the system clock instead of the loop's clock.</summary>
/// <remarks>The rule examines the lambdas that are passed to members of <c>EventLoop</c>, <c>TaskGroup</c> and <c>CancelScope</c>, the lambdas
/// nested in them, and the local functions that they use, directly or indirectly.</remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class SystemClockOnLoopAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor s_rule = new(
        RuleIds.SystemClockOnLoop,
        "Code on an event loop uses the system clock",
        "'{0}' waits on the system clock, which does not follow the loop's virtual time; use {1}",
        RuleIds.Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "An event loop has its own clock. Timers of the system clock do not follow it: in virtual time they make tests wait in real "
            + "time, or fail because the loop's clock has advanced.",
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
                if (inner is not ILocalFunctionOperation) open.Push(inner); // local functions are examined where they are used
            }

            if (UsedFunction(operation) is { } used && functions.TryGetValue(used.OriginalDefinition, out var body)) open.Push(body);
            if (Replacement(operation) is { } replacement)
                context.ReportDiagnostic(Diagnostic.Create(s_rule, operation.Syntax.GetLocation(), NameOf(operation), replacement));
        }
    }

    /// <summary>Whether a delegate is passed to other threads, or to an executor that is not an event loop.</summary>
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

    /// <summary>Whether a delegate is passed to a loop, a group or a scope.</summary>
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

    /// <summary>Returns what to use instead of an operation; null if the operation does not wait on the system clock.</summary>
    private static string? Replacement(IOperation operation) => operation switch
    {
        IInvocationOperation { TargetMethod: { Name: "Delay", ContainingType.Name: "Task" } method } when IsOfThreading(method) && !TakesClock(method) && !IsEndless(operation) =>
            "EventLoop.SleepAsync, or pass the loop's Time",
        IInvocationOperation { TargetMethod: { Name: "WaitAsync", ContainingType.Name: "Task" } method } when IsOfThreading(method) && TakesTime(method) && !TakesClock(method) && !IsEndless(operation) =>
            "a CancelScope, or pass the loop's Time",
        IInvocationOperation { TargetMethod: { Name: "Sleep", ContainingType.Name: "Thread" } method } when IsOfThreading(method) =>
            "EventLoop.SleepAsync, which does not block the loop's thread",
        IObjectCreationOperation { Constructor: { ContainingType.Name: "PeriodicTimer" or "CancellationTokenSource" } constructor }
            when IsOfThreading(constructor) && constructor.Parameters.Length > 0 && !TakesClock(constructor) => "the constructor that takes a TimeProvider, with the loop's Time",
        _ => null,
    };

    /// <summary>Whether the timeout is infinite, so that the call uses no timer.</summary>
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
