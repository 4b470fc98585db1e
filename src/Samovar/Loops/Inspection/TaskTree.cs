using System.Globalization;
using Samovar.Loops.Core;
using Samovar.Primitives;

namespace Samovar.Loops.Inspection;

/// <summary>Takes the snapshot of a loop: its main work, groups and tasks, and what each waits for.</summary>
/// <param name="most">How many children of a node are shown; the others are counted.</param>
internal readonly struct TaskTree(int most)
{
    private const int FramesShown = 12;
    private const int Deepest = 500; // groups in groups

    /// <summary>On the loop's thread, or while nothing runs the loop.</summary>
    public static TaskTreeNode Of(InspectedLoopOwner loop, int most = int.MaxValue) => new TaskTree(most).OfLoop(loop, "", null);

    /// <summary>On another thread, while the loop does not come to it: what holds the loop up is the first child. What is seen may be of several moments, where
    /// code of the loop goes on meanwhile; nothing but references and numbers is read, so that it is never worse than that.</summary>
    public static TaskTreeNode Beside(InspectedLoopOwner loop, int most)
    {
        var (callback, runsFor, blockedAt) = loop.Core.SeenFromOutside;
        string time = runsFor is { } past ? string.Create(CultureInfo.InvariantCulture, $" for {past.TotalSeconds:0.0} s") : "";
        var holder = callback.Callback is null
            ? null
            : new TaskTreeNode($"callback {CallbackOrigin.Describe(callback)}", (blockedAt is null ? "running" : "blocks the thread") + time, FramesOf(blockedAt), []);
        return new TaskTree(most).OfLoop(loop, "does not answer; ", holder);
    }

    /// <summary>Groups that no loop runs. From any thread; as with <see cref="Beside"/>, of several moments.</summary>
    public static List<TaskTreeNode> Of(IReadOnlyList<IInspected> groups, int most)
    {
        List<TaskTreeNode> nodes = [];
        new TaskTree(most).AddNodes(nodes, groups, 1);
        return nodes;
    }

    /// <summary>Adds the nodes of a group's tasks; where groups are nested too deep, one that says so.</summary>
    public void AddTasks(List<TaskTreeNode> children, IReadOnlyList<IInspected> tasks, int depth)
    {
        if (depth <= Deepest) AddNodes(children, tasks, depth);
        else children.Add(new TaskTreeNode("…", "nested too deep to be shown", [], []));
    }

    /// <summary>Adds as many nodes as are shown, and the number of the others.</summary>
    public void AddNodes(List<TaskTreeNode> children, IReadOnlyList<IInspected> all, int depth)
    {
        var tree = this;
        AddSome(children, all, item => item.Show(tree, depth));
    }

    /// <summary>What a task waits for, the methods of users on the way first.</summary>
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

    /// <summary>The frames of user code, the innermost first.</summary>
    private static string[] FramesOf(string? stack) => stack is null ? [] :
    [
        .. stack.Split('\n').Select(static line => line.Trim())
            .SkipWhile(static line => !line.Contains("LoopContext.Wait", StringComparison.Ordinal)).Skip(1)
            .Where(static line => line.StartsWith("at ", StringComparison.Ordinal) && !line.Contains("SynchronizationContext.InvokeWait", StringComparison.Ordinal))
            .Select(static line => line[3..]).Take(FramesShown),
    ];

    private static string LeafOf(object? leaf) => leaf switch
    {
        null => "something that cannot be seen",
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
            "AsyncStateMachineBox" => "another method, and so on",
            "TwoTaskWhenAnyPromise" or "CompleteOnInvokePromise" => "Task.WhenAny",
            "Task" when task.Status == TaskStatus.WaitingForActivation => "a task that nobody has completed (a TaskCompletionSource)",
            _ => $"a task ({name}, {task.Status})",
        };
    }
}
