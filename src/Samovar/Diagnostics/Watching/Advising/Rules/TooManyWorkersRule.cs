namespace Samovar.Diagnostics.Watching.Advising.Rules;

/// <summary>More workers compute at the same time than there are processors.</summary>
internal sealed class TooManyWorkersRule() : AdviceRule("too-many-workers")
{
    public override IEnumerable<Advice> Check(AdviceSituation situation)
    {
        int cores = situation.Picture.Process.Cores;
        foreach (var (executor, window) in situation.Recent("process", "thread"))
        {
            if (executor.Statistics.Workers <= cores || window.BusyWorkers <= cores) continue;

            // Worker processes are not part of this process's processor time.
            double? load = executor.Type == "thread" ? situation.Processors / cores : situation.Picture.Process.MachineLoad;
            if (load < situation.Limits.ProcessorShare || load is null) continue;
            yield return About(
                executor, AdviceSeverity.Info,
                $"Executor '{executor.Statistics.Executor}' has {AdviceText.Count(executor.Statistics.Workers, "worker")}, of which {AdviceText.Number(window.BusyWorkers)} are busy on "
                + $"{AdviceText.Count(cores, "processor")}, and {AdviceText.Percent(load.Value)} of the processors is in use: set Workers to {AdviceText.Number(cores)}, more only take turns.");
        }
    }
}
