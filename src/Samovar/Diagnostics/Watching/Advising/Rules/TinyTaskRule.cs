namespace Samovar.Diagnostics.Watching.Advising.Rules;

/// <summary>Very short tasks are submitted singly.</summary>
internal sealed class TinyTaskRule() : AdviceRule("tiny-tasks")
{
    public override IEnumerable<Advice> Check(AdviceSituation situation)
    {
        var limits = situation.Limits;
        foreach (var (executor, window) in situation.Recent("process", "thread", "cluster"))
        {
            if (window.Functions.MaxBy(static function => function.Run.Count) is not { } function || function.Run.Count == 0) continue;
            double rate = window.PerSecond(function.Run.Count * window.AttemptsPerRecord);
            var run = function.Run.Percentile(0.5);
            if (run >= limits.TinyTask || rate < limits.TinyTaskRate) continue;
            string text = $"Executor '{executor.Statistics.Executor}' runs {AdviceText.Rate(rate)} tasks a second of {function.Name}, each for {AdviceText.Time(run)} (p50): "
                + "submit them with Map, which runs many as one task.";
            yield return About(executor, AdviceSeverity.Info, text) with { Function = function.Name };
        }
    }
}
