using System.Diagnostics.Metrics;

namespace Samovar.Diagnostics.Metering;

/// <summary>The instruments of one meter for the members of clusters. Refers to the members weakly. Thread-safe.</summary>
internal sealed class ClusterInstruments
{
    private readonly Lock _gate = new();
    private readonly List<WeakReference<ClusterMeter>> _members = []; // gate

    public ClusterInstruments(Meter meter, InstrumentAdvice<double> times)
    {
        PublishDuration = meter.CreateHistogram(
            SamovarTelemetry.ClusterPublishDuration, "s", "The time until the broker has stored a message with tasks.", null, times);
        Received = meter.CreateCounter<long>(SamovarTelemetry.ClusterMessageReceived, "{message}", "The messages with tasks that nodes have received.");
        Refused = meter.CreateCounter<long>(SamovarTelemetry.ClusterMessageRefused, "{message}", "The messages that members have refused.");
        Claims = meter.CreateCounter<long>(SamovarTelemetry.ClusterTaskClaims, "{attempt}", "The attempts that nodes have claimed.");
        Duplicates = meter.CreateCounter<long>(SamovarTelemetry.ClusterTaskDuplicates, "{outcome}", "The outcomes that were received and not used.");
        NodeLosses = meter.CreateCounter<long>(SamovarTelemetry.ClusterNodeLosses, "{node}", "The nodes that were silent for too long.");
        Interruptions = meter.CreateCounter<long>(SamovarTelemetry.ClusterConnectionInterruptions, "{interruption}", "The interruptions of connections.");
    }

    public Histogram<double> PublishDuration { get; }

    public Counter<long> Received { get; }

    public Counter<long> Refused { get; }

    public Counter<long> Claims { get; }

    public Counter<long> Duplicates { get; }

    public Counter<long> NodeLosses { get; }

    public Counter<long> Interruptions { get; }

    /// <summary>Creates the observable instruments. Called once.</summary>
    public void Publish(Meter meter)
    {
        meter.CreateObservableUpDownCounter(SamovarTelemetry.ClusterConnectionCount, CountConnections, "{connection}", "The number of connections.");
        meter.CreateObservableUpDownCounter(SamovarTelemetry.ClusterNodeCount, CountNodes, "{node}", "The number of nodes that an executor knows.");
    }

    public void Add(ClusterMeter member)
    {
        lock (_gate)
        {
            _members.RemoveAll(static kept => !kept.TryGetTarget(out _));
            _members.Add(new WeakReference<ClusterMeter>(member));
        }
    }

    public void Remove(ClusterMeter member)
    {
        lock (_gate) _members.RemoveAll(kept => !kept.TryGetTarget(out var target) || target == member);
    }

    private IEnumerable<Measurement<long>> CountConnections() =>
        Sum(SamovarTelemetry.ClusterConnectionStateKey, static figures => figures.Connection is { } state ? [(state, 1)] : []);

    private IEnumerable<Measurement<long>> CountNodes() =>
        Sum(SamovarTelemetry.ClusterNodeStateKey, static figures => figures is { Accepting: { } accepting, Draining: { } draining } ? [("accepting", accepting), ("draining", draining)] : []);

    /// <summary>Adds up members with the same attributes, because two measurements with the same ones in a collection would overwrite one another.</summary>
    private IEnumerable<Measurement<long>> Sum(string key, Func<ClusterFigures, (string State, int Count)[]> countsOf)
    {
        List<ClusterMeter> members = [];
        lock (_gate)
        {
            foreach (var kept in _members)
            {
                if (kept.TryGetTarget(out var member)) members.Add(member);
            }
        }

        return members.SelectMany(member => countsOf(member.Read()).Select(count => (member.Cluster, member.Role, member.Name, count.State, count.Count)))
            .GroupBy(static count => (count.Cluster, count.Role, count.Name, count.State))
            .Select(group => new Measurement<long>(
                group.Sum(static count => count.Count),
                new KeyValuePair<string, object?>(SamovarTelemetry.ClusterNameKey, group.Key.Cluster),
                new KeyValuePair<string, object?>(SamovarTelemetry.ClusterRoleKey, group.Key.Role),
                new KeyValuePair<string, object?>(SamovarTelemetry.ClusterMemberKey, group.Key.Name),
                new KeyValuePair<string, object?>(key, group.Key.State)));
    }
}
