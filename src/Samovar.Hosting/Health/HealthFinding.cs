using System.Globalization;

namespace Samovar.Hosting.Health;

/// <summary>What is wrong with an executor or a node. Immutable.</summary>
/// <param name="IsUnhealthy">Whether it is unhealthy; otherwise it is degraded.</param>
/// <param name="Text">What is wrong, as the rest of a sentence that begins with the name.</param>
internal readonly record struct HealthFinding(bool IsUnhealthy, string Text)
{
    public static HealthFinding Unhealthy(FormattableString text) => new(true, text.ToString(CultureInfo.InvariantCulture));

    public static HealthFinding Degraded(FormattableString text) => new(false, text.ToString(CultureInfo.InvariantCulture));

    /// <summary>Judges the connection of a member to its cluster; null if it works.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="watch">Measures how long there has been none.</param>
    /// <param name="time">The clock.</param>
    /// <param name="limit">How long an interruption counts as degraded only.</param>
    public static HealthFinding? Of(ClusterConnectionStatus connection, StallWatch watch, TimeProvider time, TimeSpan limit)
    {
        bool isConnected = connection.State is ClusterConnectionState.Connected or ClusterConnectionState.Blocked or ClusterConnectionState.Closed;
        var missing = watch.Observe(!isConnected, connection.Interruptions, time);
        string reason = connection.Error is { } error ? $": {FirstLine(error)}" : "";
        if (isConnected) return connection.State == ClusterConnectionState.Blocked ? Degraded($"has a broker that accepts no messages{reason}") : null;
        return missing >= limit
            ? Unhealthy($"has no connection to its cluster for {missing.TotalSeconds:0} s{reason}")
            : Degraded($"has no connection to its cluster and tries again{reason}");
    }

    public static string FirstLine(string? text) => text?.Split('\n')[0].TrimEnd() ?? "";
}
