using System.Globalization;

namespace Samovar.Loops;

/// <summary>Takes the picture of a loop: its main work, groups and tasks, and what each waits for.</summary>
/// <param name="most">How many children of a node are shown; the others are counted.</param>
internal readonly struct TaskTree(int most)
{
    private const int FramesShown = 12;
    private const int Deepest = 500; // groups in groups

    /// <summary>On the loop's thread, or while nothing runs the loop.</summary>
    public static TaskTreeNode Of(LoopHost host, int most = int.MaxValue) => new TaskTree(most).OfLoop(host, "", null);

    /// <summary>On another thread, while the loop does not come to it: what holds the loop up is the first child. What is seen may be of several moments, where
    /// code of the loop goes on meanwhile; nothing but references and numbers is read, so that it is never worse than that.</summary>
    public static TaskTreeNode Beside(LoopHost host, int most)
    {
        var (callback, runsFor, blockedAt) = host.Core.SeenFromOutside;
        string time = runsFor is { } past ? string.Create(CultureInfo.InvariantCulture, $" for {past.TotalSeconds:0.0} s") : "";
        var holder = callback.Callback is null
            ? null
            : new TaskTreeNode($"callback {CallbackOrigin.Describe(callback)}", (blockedAt is null ? "running" : "blocks the thread") + time, FramesOf(blockedAt), []);
        return new TaskTree(most).OfLoop(host, "does not answer; ", holder);
    }

    /// <summary>Groups that no loop runs. From any thread; as with <see cref="Beside"/>, of several moments.</summary>
    public static List<TaskTreeNode> Of(TaskGroup[] groups, int most)
    {
        List<TaskTreeNode> nodes = [];
        var tree = new TaskTree(most);
        tree.AddSome(nodes, groups, 1, tree.OfGroup);
        return nodes;
    }

    private TaskTreeNode OfLoop(LoopHost host, string note, TaskTreeNode? holder)
    {
        var core = host.Core;
        List<TaskTreeNode> children = [];
        if (holder is not null) children.Add(holder);
        if (host.Main is { IsCompleted: false } main) children.Add(new TaskTreeNode($"main work {host.MainLabel}", "running", Awaits(main), []));
        AddSome(children, core.Groups.All, 1, OfGroup);
        AddSome(children, host.SubmittedWork(), 1, static (submitted, _) => OfSubmitted(submitted.Task, submitted.Work));
        string time = core.IsVirtual ? string.Create(CultureInfo.InvariantCulture, $", virtual time {Durations.Text(core.Time.GetElapsedTime(0))}") : "";
        return new TaskTreeNode($"event loop '{host.Name}'", $"{note}{core.ReadyCallbacks} ready, {core.ArmedTimers} timers{time}", [], children);
    }

    private TaskTreeNode OfGroup(TaskGroup group, int depth)
    {
        List<TaskTreeNode> children = [];
        string state = $"{group.Unfinished} unfinished{(group.IsCanceled ? ", cancelled" : "")}";
        if (depth <= Deepest) AddSome(children, group.Tasks, depth, OfTask);
        else children.Add(new TaskTreeNode("…", "nested too deep to be shown", [], []));
        return new TaskTreeNode(group.Label, state, [], children);
    }

    private TaskTreeNode OfTask(GroupTask task, int depth)
    {
        List<TaskTreeNode> children = [];
        AddSome(children, task.Groups, depth + 1, OfGroup);
        string state = task.State switch
        {
            GroupTaskState.Waiting => "waits for its turn",
            var other => other.ToString().ToLowerInvariant(),
        };
        return new TaskTreeNode($"task {task.Label}", state, task.Running is { } running ? Awaits(running) : [], children);
    }

    private void AddSome<T>(List<TaskTreeNode> children, IReadOnlyList<T> all, int depth, Func<T, int, TaskTreeNode> show)
    {
        int shown = Math.Min(all.Count, most);
        for (int i = 0; i < shown; i++) children.Add(show(all[i], depth));
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

    private static List<string> Awaits(Task task)
    {
        var (methods, leaf) = AwaitChain.Follow(task);
        List<string> lines = [.. methods.Select(static method => method.ToString())];
        lines.Add(LeafOf(leaf));
        return lines;
    }

    private static string LeafOf(object? leaf) => leaf switch
    {
        null => "something that cannot be seen",
        AwaitChain.RunsNow => AwaitChain.RunsNow,
        LoopSleep => "a sleep",
        Future future => future.ToString(),
        Task { AsyncState: TaskGroup group } => $"the tasks of {group.Label}",
        Task { AsyncState: GroupTask task } => $"task {task.Label}",
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
