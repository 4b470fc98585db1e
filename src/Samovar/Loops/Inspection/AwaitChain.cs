using System.Reflection;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Samovar.Tasks.Core;

namespace Samovar.Loops.Inspection;

/// <summary>Where asynchronous code stands: follows a task into the method that makes it, from there to what that method awaits, and so on to the
/// last thing that is no method.</summary>
/// <remarks>It reads the objects that the compiler and the runtime made of the methods, whose fields are named alike since years. Where one is not as
/// expected, the chain ends there. Only while none of the methods can go on: on the loop's thread.</remarks>
internal static class AwaitChain
{
    /// <summary>What a method waits for that does not wait.</summary>
    public const string RunsNow = "code that runs now";

    private const int Deepest = 100;
    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>The methods from the outermost to the innermost, and what the innermost waits for; null where that is not known.</summary>
    public static (List<AwaitPoint> Methods, object? Leaf) Follow(Task task)
    {
        var machines = new List<IAsyncStateMachine>();
        object? leaf = Walk(task, until: null, machines);
        return ([.. machines.Select(AwaitPoint.Of)], leaf);
    }

    /// <summary>What the methods between a task and a wait hold, and dispose of themselves at their end; empty where the task does not stand or fall with that wait.</summary>
    /// <remarks>A variable that a method does not dispose of proves nothing: a timer or another task may be the one that gives the value back.</remarks>
    /// <param name="task">Where to begin.</param>
    /// <param name="wait">Where the way must lead.</param>
    /// <param name="isHold">Whether a value is one that is looked for.</param>
    /// <param name="methods">The first method that has one, and the one that waits, in words.</param>
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

    /// <summary>Follows a task, and collects the methods of users on the way; ours are of no interest.</summary>
    /// <returns>The last thing that is no method, or <paramref name="until"/> where the way leads over that.</returns>
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

    /// <summary>The task for which a <see cref="Task.WaitAsync(CancellationToken)"/> or an <see cref="UnaskedCancellation"/> stands; null for all others.</summary>
    /// <param name="task">What may stand for another.</param>
    /// <param name="passesLimits">Whether the former counts: it may end before its task does, so that who awaits it does not stand or fall with that.</param>
    private static Task? Within(object task, bool passesLimits) =>
        task is Task { Status: TaskStatus.WaitingForActivation, AsyncState: Task work } ? work :
        passesLimits && task.GetType().Name.StartsWith("CancellationPromise", StringComparison.Ordinal) ? task.GetType().GetField("_task", Fields)?.GetValue(task) as Task : null;

    /// <summary>The fields of a method; an asynchronous iterator holds them itself.</summary>
    private static IAsyncStateMachine? MachineOf(object box)
    {
        if (box is IAsyncStateMachine itself and not Task) return itself;
        try
        {
            return box.GetType().GetField("StateMachine", Fields)?.GetValue(box) as IAsyncStateMachine;
        }
        catch (Exception error) when (error is NotSupportedException or FieldAccessException or ArgumentException)
        {
            // Another runtime's ways: there is nothing to show, which is no reason to fail.
            return null;
        }
    }

    /// <summary>What a method waits for: it is in the one awaiter that is not empty.</summary>
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
