namespace Samovar.Diagnostics.Watching.Advising.Rules;

/// <summary>A lock is held for long while others wait for it.</summary>
internal sealed class LockWaitRule() : AdviceRule("lock-wait")
{
    private const int MostHolders = 3;

    public override IEnumerable<Advice> Check(AdviceSituation situation)
    {
        var held = situation.Picture.Held.Where(one => one.Primitive.Waiting > 0 && one.For > situation.Limits.LockHeld).OrderByDescending(static one => one.For).ToList();
        if (held is not [var worst, ..]) yield break;
        var lockOf = worst.Primitive;
        string name = lockOf.Name is { } own ? $"The {lockOf.Kind} '{own}'" : $"A {lockOf.Kind} without a name";
        string holders = string.Join(", ", lockOf.Holders.Take(MostHolders)) + (lockOf.Holders.Count > MostHolders ? " and others" : "");
        string others = held.Count == 1 ? "" : $" The same goes for {AdviceText.Count(held.Count - 1, "other lock")}.";
        yield return About(
            AdviceSeverity.Warning,
            $"{name} has been held by {holders} for at least {AdviceText.Time(worst.For)}, and {AdviceText.Count(lockOf.Waiting, "caller")} {(lockOf.Waiting == 1 ? "waits" : "wait")} for it: "
            + $"hold a lock only while no other caller may see what it protects, and do slow work before or after that.{others}");
    }
}
