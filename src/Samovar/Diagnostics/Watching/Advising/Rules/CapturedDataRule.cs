namespace Samovar.Diagnostics.Watching.Advising.Rules;

/// <summary>The tasks of a function capture a lot of data, which is sent with each of them.</summary>
internal sealed class CapturedDataRule() : AdviceRule("captured-data")
{
    public override IEnumerable<Advice> Check(AdviceSituation situation)
    {
        var limits = situation.Limits;
        foreach (var (executor, window) in situation.Minute("process", "cluster"))
        {
            foreach (var function in window.Functions)
            {
                long tasks = function.Shipping.Count;
                if (tasks < limits.CapturedTasks || (double)function.SentBytes / tasks <= limits.CapturedBytes) continue;
                string most = function.Largest is { } largest ? $", most of it in {largest}" : "";
                string path = executor.Type == "cluster" ? "a path or a URL that the nodes can read" : "a path, or shared memory";
                yield return About(
                    executor, AdviceSeverity.Warning,
                    $"Each task of {function.Name} captures {AdviceText.Bytes((double)function.SentBytes / tasks)}{most}: {AdviceText.Count(tasks, "task")} of executor '{executor.Statistics.Executor}' "
                    + $"shipped {AdviceText.Bytes(function.SentBytes)} in the last {AdviceText.Time(window.Span)}, which took {AdviceText.Time(function.Shipping.Sum)}. "
                    + $"Pass {path}; or use Map, which sends what its delegate captures once to each worker.") with
                { Function = function.Name };
            }
        }
    }
}
