namespace Samovar.Diagnostics.Watching.Advising.Rules;

/// <summary>Tasks wait in the queue for much longer than they run.</summary>
internal sealed class LongQueueRule() : AdviceRule("long-queue")
{
    public override IEnumerable<Advice> Check(AdviceSituation situation)
    {
        var limits = situation.Limits;
        int cores = situation.Picture.Process.Cores;
        foreach (var (executor, window) in situation.Recent("process", "thread", "cluster"))
        {
            var waits = window.Wait();
            var (wait, run) = (waits.Percentile(0.95), window.Run().Percentile(0.5));
            if (waits.Count < limits.LeastWaits || wait < limits.LeastWait || wait <= run * limits.WaitFactor || window.IdleShare > limits.BusyIdleShare) continue;
            int workers = executor.Statistics.Workers;
            string remedy = executor.Type == "cluster" ? "add nodes, or submit less at once"
                : workers < cores ? $"increase Workers (there are {AdviceText.Count(cores, "processor")}), or submit less at once"
                : $"increase Workers if the tasks mostly wait; if they compute, the {AdviceText.Count(cores, "processor")} are the limit";
            yield return About(
                executor, AdviceSeverity.Info,
                $"Tasks of executor '{executor.Statistics.Executor}' wait {AdviceText.Time(wait)} (p95) for one of its {AdviceText.Count(workers, "worker")}, "
                + $"and run for {AdviceText.Time(run)} (p50): {remedy}.");
        }
    }
}
