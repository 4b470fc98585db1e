using System.Globalization;
using Samovar.Loops.Core;
using Samovar.Primitives;

namespace Samovar.Loops.Inspection;

/// <summary>Takes the snapshot of a loop: its main work, its groups and its tasks, and what each of them waits for.</summary>
/// <param name="most">The maximum number of children that are shown for a node; the rest are only counted.</param>
internal readonly struct TaskTree(int most)
{
    private const int FramesShown = 12;
    private const int Deepest = 500; // groups in groups

    /// <summary>Takes the snapshot on the loop's thread, or while no thread runs the loop.</summary>
    public static TaskTreeNode Of(InspectedLoopOwner loop, int most = int.MaxValue) => new TaskTree(most).OfLoop(loop, "", null);

    /// <summary>Takes the snapshot on another thread while the loop does not respond. The first child is the callback that occupies the loop. If the
    /// loop resumes meanwhile, parts of the snapshot are from different moments. Only references and numbers are read, so no worse inconsistency is
    /// possible.</summary>
    public static TaskTreeNode Beside(InspectedLoopOwner loop, int most)
    {
        var (callback, runsFor, blockedAt) = loop.Core.SeenFromOutside;
        string time = runsFor is { } past ? string.Create(CultureInfo.InvariantCulture, $" for {past.TotalSeconds:0.0} s") : "";
        var holder = callback.Callback is null
            ? null
            : new TaskTreeNode($"callback {CallbackOrigin.Describe(callback)}", (blockedAt is null ? "running" : "blocks the thread") + time, FramesOf(blockedAt), []);
        return new TaskTree(most).OfLoop(loop, "not responding; ", holder);
    }

    /// <summary>Shows groups that run on no loop. From any thread; as with <see cref="Beside"/>, parts may be from different moments.</summary>
    public static List<TaskTreeNode> Of(IReadOnlyList<IInspected> groups, int most)
    {
        List<TaskTreeNode> nodes = [];
        new TaskTree(most).AddNodes(nodes, groups, 1);
        return nodes;
    }

    /// <summary>Adds the nodes of a group's tasks or, if groups are nested too deep, a placeholder.</summary>
    public void AddTasks(List<TaskTreeNode> children, IReadOnlyList<IInspected> tasks, int depth)
    {
        if (depth <= Deepest) AddNodes(children, tasks, depth);
        else children.Add(new TaskTreeNode("…", "nested too deep to be shown", [], []));
    }

    /// <summary>Adds nodes up to the maximum, and the number of the remaining ones.</summary>
    public void AddNodes(List<TaskTreeNode> children, IReadOnlyList<IInspected> all, int depth)
    {
        var tree = this;
        AddSome(children, all, item => item.Show(tree, depth));
    }

    /// <summary>Describes what a task waits for; the user methods on the way come first.</summary>
    public static List<string> Awaits(Task task)
    {
        var (methods, leaf) = AwaitChain.Follow(task);
        List<string> lines = [.. methods.Select(static method => method.ToString())];
        lines.Add(LeafOf(leaf));
        return lines;
    }

    private TaskTreeNode OfLoop(InspectedLoopOwner loop, string note, TaskTreeNode? holder)
    {
        var core = loop.Core;
        List<TaskTreeNode> children = [];
        if (holder is not null) children.Add(holder);
        if (loop.Main is { IsCompleted: false } main) children.Add(new TaskTreeNode($"main work {loop.MainLabel}", "running", Awaits(main), []));
        AddNodes(children, loop.Roots, 1);
        AddSome(children, loop.SubmittedWork(), static submitted => OfSubmitted(submitted.Task, submitted.Work));
        string time = core.Clock.IsVirtual ? string.Create(CultureInfo.InvariantCulture, $", virtual time {TimeoutArguments.Text(core.Time.GetElapsedTime(0))}") : "";
        return new TaskTreeNode($"event loop '{loop.Name}'", $"{note}{core.ReadyCallbacks} ready, {core.ArmedTimers} timers{time}", [], children);
    }

    private void AddSome<T>(List<TaskTreeNode> children, IReadOnlyList<T> all, Func<T, TaskTreeNode> show)
    {
        int shown = Math.Min(all.Count, most);
        for (int i = 0; i < shown; i++) children.Add(show(all[i]));
        if (shown < all.Count) children.Add(new TaskTreeNode("…", string.Create(CultureInfo.InvariantCulture, $"{all.Count - shown:N0} more"), [], []));
    }

    private static TaskTreeNode OfSubmitted(Future task, Task? work) => new(
        $"submitted task {task.Id}{(task.Name is null ? "" : $" '{task.Name}'")}", task.SentState.ToString().ToLowerInvariant(), work is null ? [] : Awaits(work), []);

    /// <summary>Returns the stack frames of user code, the innermost first.</summary>
    private static string[] FramesOf(string? stack) => stack is null ? [] :
    [
        .. stack.Split('\n').Select(static line => line.Trim())
            .SkipWhile(static line => !line.Contains("LoopContext.Wait", StringComparison.Ordinal)).Skip(1)
            .Where(static line => line.StartsWith("at ", StringComparison.Ordinal) && !line.Contains("SynchronizationContext.InvokeWait", StringComparison.Ordinal))
            .Select(static line => line[3..]).Take(FramesShown),
    ];

    private static string LeafOf(object? leaf) => leaf switch
    {
        null => "an unknown object",
        AwaitChain.RunsNow => AwaitChain.RunsNow,
        LoopSleep => "a sleep",
        Future future => future.ToString(),
        Task { AsyncState: IWaitedFor waited } => waited.Describe(),
        Task task => OfTaskType(task),
        var other => other.GetType().Name,
    };

    private static string OfTaskType(Task task)
    {
        string name = task.GetType().Name.Split('`')[0];
        return name switch
        {
            "DelayPromise" or "DelayPromiseWithCancellation" => "a Task.Delay",
            "WhenAllPromise" => "Task.WhenAll",
            "AsyncStateMachineBox" => "another asynchronous method",
            "TwoTaskWhenAnyPromise" or "CompleteOnInvokePromise" => "Task.WhenAny",
            "Task" when task.Status == TaskStatus.WaitingForActivation => "an incomplete task (a TaskCompletionSource)",
            _ => $"a task ({name}, {task.Status})",
        };
    }
}
