using System.Globalization;

namespace Samovar.Loops;

/// <summary>Takes the picture of a loop: its main work, groups and tasks, and what each waits for. On the loop's thread.</summary>
internal static class TaskTree
{
    public static TaskTreeNode Of(LoopHost host)
    {
        var core = host.Core;
        List<TaskTreeNode> children = [];
        if (host.Main is { IsCompleted: false } main) children.Add(new TaskTreeNode($"main work {host.MainLabel}", "running", Awaits(main), []));
        children.AddRange(core.Groups.Select(OfGroup));
        children.AddRange(host.SubmittedWork().Select(static submitted => OfSubmitted(submitted.Task, submitted.Work)));
        string time = core.IsVirtual ? string.Create(CultureInfo.InvariantCulture, $", virtual time {core.Time.GetElapsedTime(0)}") : "";
        return new TaskTreeNode($"event loop '{host.Name}'", $"{core.ReadyCallbacks} ready, {core.ArmedTimers} timers{time}", [], children);
    }

    private static TaskTreeNode OfGroup(TaskGroup group) =>
        new(group.Label, $"{group.Unfinished} unfinished{(group.IsCanceled ? ", cancelled" : "")}", [], [.. group.Tasks.Select(OfTask)]);

    private static TaskTreeNode OfTask(GroupTask task)
    {
        string state = task.State switch
        {
            GroupTaskState.Waiting => "waits for its turn",
            var other => other.ToString().ToLowerInvariant(),
        };
        return new TaskTreeNode($"task {task.Label}", state, task.Running is { } running ? Awaits(running) : [], [.. task.Groups.Select(OfGroup)]);
    }

    private static TaskTreeNode OfSubmitted(Future task, Task? work) => new(
        $"submitted task {task.Id}{(task.Name is null ? "" : $" '{task.Name}'")}", task.SentState.ToString().ToLowerInvariant(), work is null ? [] : Awaits(work), []);

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
