using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Loops.Inspection;

/// <summary>Finds where asynchronous code is suspended: follows a task to the method that completes it, from there to the task that the method
/// awaits, and so on to the first object that is not a method.</summary>
/// <remarks>Reads the objects that the compiler and the runtime generate for the methods, whose field names have been stable for years. If one is not
/// as expected, the chain ends there. Call it only while none of the methods can resume: on the loop's thread.</remarks>
[UnconditionalSuppressMessage("Trimming", "IL2075", Justification = CodeRequirements.InspectsOnly)]
internal static class AwaitChain
{
    /// <summary>The leaf of a chain whose innermost method is not suspended.</summary>
    public const string RunsNow = "running code";

    private const int Deepest = 100;
    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Returns the methods from the outermost to the innermost, and the object that the innermost awaits; null if it is unknown.</summary>
    public static (List<AwaitPoint> Methods, object? Leaf) Follow(Task task)
    {
        var machines = new List<IAsyncStateMachine>();
        object? leaf = Walk(task, until: null, machines);
        return ([.. machines.Select(AwaitPoint.Of)], leaf);
    }

    /// <summary>Returns the values that the methods between a task and a wait hold and dispose when they complete; empty if the task does not depend
    /// on that wait.</summary>
    /// <remarks>A variable that its method does not dispose proves nothing: a timer or another task may release the value.</remarks>
    /// <param name="task">The task to start at.</param>
    /// <param name="wait">The wait that the chain must reach.</param>
    /// <param name="isHold">Returns whether a value is one to look for.</param>
    /// <param name="methods">Describes the first method that holds such a value, and the method that waits.</param>
    public static HashSet<object> HoldsOnTheWay(Task task, Task wait, Func<object, bool> isHold, out string methods)
    {
        var holds = new HashSet<object>(ReferenceEqualityComparer.Instance);
        methods = "";
        var machines = new List<IAsyncStateMachine>();
        if (!ReferenceEquals(Walk(task, wait, machines), wait)) return holds;
        IAsyncStateMachine? holder = null;
        foreach (var machine in machines)
        {
            foreach (var field in machine.GetType().GetFields(Fields))
            {
                if (field.FieldType.IsValueType || field.GetValue(machine) is not { } value || !isHold(value)) continue;
                if (DisposedVariables.Contain(machine.GetType(), field) && holds.Add(value)) holder ??= machine;
            }
        }

        if (holder is null) return holds;
        methods = ReferenceEquals(holder, machines[^1])
            ? $"{AwaitPoint.Of(holder)} holds it and waits to enter it"
            : $"{AwaitPoint.Of(holder)} holds it and awaits {AwaitPoint.Of(machines[^1])}, which waits to enter it";
        return holds;
    }

    /// <summary>Follows a task and collects the user methods on the way; methods of this library are skipped.</summary>
    /// <returns>The last object, which is not a method, or <paramref name="until"/> if the chain reaches it.</returns>
    private static object? Walk(Task task, Task? until, List<IAsyncStateMachine> machines)
    {
        object? next = task;
        for (int step = 0; step < Deepest && next is Task or IAsyncStateMachine; step++)
        {
            if (ReferenceEquals(next, until)) break;
            if (Within(next, passesLimits: until is null) is { } inner)
            {
                next = inner;
                continue;
            }

            if (MachineOf(next) is not { } machine) break;
            if (machine.GetType().Assembly != typeof(AwaitChain).Assembly) machines.Add(machine);
            next = AwaitPoint.IsRunningIn(machine) ? RunsNow : AwaitedBy(machine);
        }

        return next;
    }

    /// <summary>Returns the task that a <see cref="Task.WaitAsync(CancellationToken)"/> or an <see cref="UnaskedCancellation"/> wraps; null for all
    /// others.</summary>
    /// <param name="task">The task that may wrap another.</param>
    /// <param name="passesLimits">Whether to unwrap a <see cref="Task.WaitAsync(CancellationToken)"/>. It may complete before the wrapped task, so
    /// code that awaits it does not depend on that task.</param>
    private static Task? Within(object task, bool passesLimits) =>
        task is Task { Status: TaskStatus.WaitingForActivation, AsyncState: Task work } ? work :
        passesLimits && task.GetType().Name.StartsWith("CancellationPromise", StringComparison.Ordinal) ? task.GetType().GetField("_task", Fields)?.GetValue(task) as Task : null;

    /// <summary>Returns the state machine of a method; an asynchronous iterator is its own.</summary>
    private static IAsyncStateMachine? MachineOf(object box)
    {
        if (box is IAsyncStateMachine itself and not Task) return itself;
        try
        {
            return box.GetType().GetField("StateMachine", Fields)?.GetValue(box) as IAsyncStateMachine;
        }
        catch (Exception error) when (error is NotSupportedException or FieldAccessException or ArgumentException)
        {
            // A runtime with a different layout: the chain cannot be shown, which must not fail the caller.
            return null;
        }
    }

    /// <summary>Returns the object that a method awaits: it is in the only awaiter field that is not empty.</summary>
    private static object? AwaitedBy(IAsyncStateMachine machine)
    {
        if (machine is IOwnStateMachine own) return (object?)own.Work ?? RunsNow;
        foreach (var field in machine.GetType().GetFields(Fields))
        {
            if (field.Name.StartsWith("<>u__", StringComparison.Ordinal) && Inside(field.GetValue(machine), depth: 4) is { } awaited) return awaited;
        }

        return null;
    }

    private static object? Inside(object? value, int depth)
    {
        if (value is null or Task or Future or IValueTaskSource) return value;
        if (value.GetType().GetInterfaces().Any(static type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IValueTaskSource<>))) return value;
        if (depth == 0 || !value.GetType().IsValueType) return null;
        foreach (var field in value.GetType().GetFields(Fields))
        {
            if (!field.FieldType.IsPrimitive && Inside(field.GetValue(value), depth - 1) is { } found) return found;
        }

        return null;
    }
}
