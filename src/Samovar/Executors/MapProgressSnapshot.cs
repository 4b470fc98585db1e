using System.Globalization;
using System.Text;

namespace Samovar;

/// <summary>The progress of a map at a moment. Immutable.</summary>
public sealed record MapProgressSnapshot
{
    /// <summary>Gets the name from <see cref="MapProgress.Name"/>; null without one.</summary>
    public string? Name { get; init; }

    /// <summary>Gets how many items there are; null if that is not known. See <see cref="MapProgress.Total"/>.</summary>
    public long? Total { get; init; }

    /// <summary>Gets how many items have completed, with any outcome: succeeded, failed or cancelled.</summary>
    public long Completed => Succeeded + Failed + Canceled;

    /// <summary>Gets how many items succeeded.</summary>
    public required long Succeeded { get; init; }

    /// <summary>Gets how many items failed, including timeouts. An item that is retried counts once, with its last attempt.</summary>
    public required long Failed { get; init; }

    /// <summary>Gets how many items were cancelled after they were taken from the source: because the enumeration was left or cancelled, or another
    /// item failed.</summary>
    public required long Canceled { get; init; }

    /// <summary>Gets how many items run now. Of the items that share a batch, one runs at a time.</summary>
    public required int Running { get; init; }

    /// <summary>Gets how many attempts failed and were repeated.</summary>
    public required long Retries { get; init; }

    /// <summary>Gets whether a map that reports to this progress is under way: its enumeration has begun and has not completed.</summary>
    public required bool IsRunning { get; init; }

    /// <summary>Gets how long maps were under way. Zero before the first <c>MoveNextAsync</c>; it does not grow once the enumeration has completed.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Gets how many items complete a second: over the last ten seconds or the last 32 items, whichever took longer; when the enumeration has
    /// completed, on average.</summary>
    public required double Rate { get; init; }

    /// <summary>Gets how long the rest takes at the current <see cref="Rate"/>. Null if <see cref="Total"/> is not known, if nothing has completed, and
    /// when no map is under way.</summary>
    public TimeSpan? EstimatedRemaining { get; init; }

    /// <summary>Gets the completed part, from 0 to 1; null if <see cref="Total"/> is not known.</summary>
    public double? Fraction => Total is { } total ? total == 0 ? 1 : (double)Completed / total : null;

    /// <summary>Gets the slowest items that have completed, the slowest first, at most <see cref="MapProgress.KeptSlowestItems"/>.</summary>
    public IReadOnlyList<SlowMapItem> SlowestItems { get; init; } = [];

    /// <summary>Returns one line, such as "images: 120 of 400 (30 %), 3 failed, 8 running, 12/s, 00:00:23 left".</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        if (Name is not null) text.Append(Name).Append(": ");
        text.Append(culture, $"{Completed:N0}");
        if (Total is { } total) text.Append(culture, $" of {total:N0} ({Math.Floor(Fraction.GetValueOrDefault() * 100):0} %)");
        if (Failed > 0) text.Append(culture, $", {Failed:N0} failed");
        if (Canceled > 0) text.Append(culture, $", {Canceled:N0} cancelled");
        if (Running > 0) text.Append(culture, $", {Running:N0} running");
        text.Append(", ").Append(Rate.ToString(Rate is > 0 and < 10 ? "0.0" : "N0", culture)).Append("/s");
        if (EstimatedRemaining is { } left) text.Append(culture, $", {TimeSpan.FromSeconds(Math.Ceiling(left.TotalSeconds)):c} left");
        else if (!IsRunning && Elapsed > TimeSpan.Zero) text.Append(culture, $", {Elapsed.TotalSeconds:0.0} s");
        return text.ToString();
    }
}
