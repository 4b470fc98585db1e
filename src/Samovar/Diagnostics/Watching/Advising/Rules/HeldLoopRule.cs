namespace Samovar.Diagnostics.Watching.Advising.Rules;

/// <summary>Callbacks hold an event loop, so that its other tasks do not run.</summary>
internal sealed class HeldLoopRule() : AdviceRule("held-loop")
{
    private static readonly TimeSpan s_memory = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_stuck = TimeSpan.FromSeconds(1);

    private readonly Dictionary<int, List<(TimeSpan At, TimeSpan For, string? By)>> _seen = []; // by executor; each callback once

    public override bool IsImmediate => true; // the rule waits itself

    public override IEnumerable<Advice> Check(AdviceSituation situation)
    {
        var now = situation.Now.Elapsed;
        foreach (int gone in _seen.Keys.Except(situation.Picture.Executors.Select(static executor => executor.Number)).ToList()) _seen.Remove(gone);
        foreach (var executor in situation.Picture.Executors.Where(static executor => executor.Type == "loop"))
        {
            if (!_seen.TryGetValue(executor.Number, out var seen)) _seen.Add(executor.Number, seen = []);
            seen.RemoveAll(one => now - one.At > s_memory);
            var held = executor.Activity.Workers.Select(static worker => worker.HeldFor ?? TimeSpan.Zero).DefaultIfEmpty().Max();
            if (held > situation.Limits.LoopHeld)
            {
                // The callback of the picture before may still run.
                if (seen.Count > 0 && now - seen[^1].At < held) seen.RemoveAt(seen.Count - 1);
                seen.Add((now, held, executor.Activity.Workers.Find(worker => worker.HeldFor == held)?.HeldBy));
            }

            if (seen.Count == 0 || (seen.Count < situation.Limits.LoopHeldPictures && seen.Max(static one => one.For) < s_stuck)) continue;
            var longest = seen.MaxBy(static one => one.For);
            string by = longest.By is { } callback ? $" {callback} held it for {AdviceText.Time(longest.For)}." : $" The longest held it for {AdviceText.Time(longest.For)}.";
            yield return About(
                executor, longest.For < s_stuck ? AdviceSeverity.Warning : AdviceSeverity.Error,
                $"Event loop '{executor.Statistics.Executor}' was held by a callback for more than {AdviceText.Time(situation.Limits.LoopHeld)} in {AdviceText.Count(seen.Count, "picture")} "
                + $"of the last minute, and ran nothing else meanwhile.{by} Run such work in a ThreadExecutor, or await in it.");
        }
    }
}
