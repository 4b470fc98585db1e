namespace Samovar.Diagnostics.Watching.Advising.Rules;

/// <summary>More time goes into shipping work and results between processes than into running it.</summary>
internal sealed class ShippingRule() : AdviceRule("shipping")
{
    public override IEnumerable<Advice> Check(AdviceSituation situation)
    {
        var limits = situation.Limits;
        foreach (var (executor, window) in situation.Recent("process", "cluster"))
        {
            var together = window.Shipping + window.RunTime;
            if (together <= TimeSpan.Zero || window.Completed == 0) continue;
            double share = window.Shipping / together;
            if (share <= limits.ShippingShare || window.Shipping / window.Span < limits.ShippingLoad) continue;
            double bytes = (double)window.ShippedBytes / window.Completed;
            string remedy = bytes < limits.LargeTaskBytes ? "send many small tasks together, with Map"
                : executor.Type == "cluster" ? "pass a path or a URL that the nodes can read, in place of the data"
                : "pass a path, or keep the data in shared memory";
            yield return About(
                executor, AdviceSeverity.Warning,
                $"{AdviceText.Percent(share)} of the time of executor '{executor.Statistics.Executor}' goes into shipping ({AdviceText.Bytes(bytes)} a task): {remedy}.");
        }
    }
}
