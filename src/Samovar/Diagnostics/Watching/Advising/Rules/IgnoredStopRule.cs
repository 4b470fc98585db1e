namespace Samovar.Diagnostics.Watching.Advising.Rules;

/// <summary>A task continues although it was requested to stop, or was abandoned because it did.</summary>
internal sealed class IgnoredStopRule() : AdviceRule("ignored-stop")
{
    private readonly Dictionary<(int Executor, long Task, int Attempt), TimeSpan> _requested = []; // when each was first seen, since the first picture

    public override bool IsImmediate => true; // the rule waits itself

    public override IEnumerable<Advice> Check(AdviceSituation situation)
    {
        var now = situation.Now.Elapsed;
        var stopping = situation.Picture.Executors
            .SelectMany(static executor => executor.Activity.Running.Where(static task => task.IsStopping).Select(task => (Executor: executor, Task: task))).ToList();
        var keys = stopping.Select(static one => (one.Executor.Number, one.Task.Id, one.Task.Attempt)).ToHashSet();
        foreach (var key in keys) _requested.TryAdd(key, now);
        foreach (var key in _requested.Keys)
        {
            if (!keys.Contains(key)) _requested.Remove(key);
        }

        var late = stopping.Where(one => now - _requested[(one.Executor.Number, one.Task.Id, one.Task.Attempt)] > situation.Limits.StopPatience);
        foreach (var group in late.GroupBy(static one => (one.Executor.Number, one.Task.Function)))
        {
            var (executor, task) = group.First();
            var since = now - _requested[(executor.Number, task.Id, task.Attempt)];
            int all = group.Count();
            string others = all > 1 ? $", as do {AdviceText.Count(all - 1, "other task")} of the same function" : "";
            string name = task.Name is null ? "" : $" '{task.Name}'";
            string text = $"Task {AdviceText.Number(task.Id)}{name} of executor '{executor.Statistics.Executor}' was requested to stop {AdviceText.Time(since)} ago and still runs{others}: "
                + $"{task.Function ?? "its function"} ignores its cancellation token. Pass the token on, or run it in a ProcessExecutor, which kills it.";
            yield return About(executor, AdviceSeverity.Warning, text) with { Function = task.Function };
        }

        foreach (var (executor, window) in situation.Minute())
        {
            if (window.Abandoned == 0 || keys.Any(key => key.Number == executor.Number)) continue;
            yield return About(
                executor, AdviceSeverity.Warning,
                $"Executor '{executor.Statistics.Executor}' abandoned {AdviceText.Count(window.Abandoned, "task")} in the last {AdviceText.Time(window.Span)}, because they ignored the "
                + "request to stop for longer than the grace: pass the cancellation token on, or use a ProcessExecutor, which kills them.");
        }
    }
}
