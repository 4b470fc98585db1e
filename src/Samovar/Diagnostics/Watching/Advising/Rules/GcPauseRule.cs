namespace Samovar.Diagnostics.Watching.Advising.Rules;

/// <summary>Garbage collections pause the process for much of the time.</summary>
internal sealed class GcPauseRule() : AdviceRule("gc-pauses")
{
    public override IEnumerable<Advice> Check(AdviceSituation situation)
    {
        if (!situation.IsLongEnough) yield break;
        var (then, now, span) = (situation.Then, situation.Now, situation.Span);
        double share = (now.PauseTime - then.PauseTime) / span;
        if (share <= situation.Limits.GcPause) yield break;
        yield return About(
            AdviceSeverity.Warning,
            $"Garbage collections pause the process for {AdviceText.Percent(share)} of the time ({AdviceText.Bytes((now.Allocated - then.Allocated) / span.TotalSeconds)} allocated a second, "
            + $"{AdviceText.Count(now.FullCollections - then.FullCollections, "full collection")} in {AdviceText.Time(span)}): allocate less in the tasks, or set ServerGarbageCollection.");
    }
}
