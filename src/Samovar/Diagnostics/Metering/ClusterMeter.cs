using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Samovar.Diagnostics.Metering;

/// <summary>Measures one member of a cluster. Thread-safe.</summary>
/// <remarks>While no one listens, each method costs one read of <see cref="Instrument.Enabled"/>.</remarks>
internal sealed class ClusterMeter
{
    private readonly ClusterInstruments _instruments;
    private readonly Func<ClusterFigures> _read;
    private readonly Action<Exception> _listenerFailed;
    private readonly TagList _tags;

    /// <param name="instruments">The instruments of the member's meter.</param>
    /// <param name="cluster">The name of the cluster.</param>
    /// <param name="role">The role of the member, as an attribute has it.</param>
    /// <param name="name">The name of the member.</param>
    /// <param name="read">Reads the figures; may be called on any thread.</param>
    /// <param name="listenerFailed">Receives errors of listeners.</param>
    public ClusterMeter(ClusterInstruments instruments, string cluster, string role, string name, Func<ClusterFigures> read, Action<Exception> listenerFailed)
    {
        _instruments = instruments;
        _read = read;
        _listenerFailed = listenerFailed;
        (Cluster, Role, Name) = (cluster, role, name);
        _tags = new TagList
        {
            { SamovarTelemetry.ClusterNameKey, cluster },
            { SamovarTelemetry.ClusterRoleKey, role },
            { SamovarTelemetry.ClusterMemberKey, name },
        };
        instruments.Add(this);
    }

    public string Cluster { get; }

    public string Role { get; }

    public string Name { get; }

    /// <summary>Whether <see cref="Published"/> has a listener.</summary>
    public bool MeasuresPublishing => _instruments.PublishDuration.Enabled;

    public ClusterFigures Read() => _read();

    /// <summary>Ends the observation of the member.</summary>
    public void Close() => _instruments.Remove(this);

    /// <summary>Measures how long a message took, from a timestamp of <see cref="Stopwatch"/>.</summary>
    public void Published(long began, Exception? error)
    {
        try
        {
            var tags = _tags;
            if (error is not null) tags.Add(SamovarTelemetry.ErrorTypeKey, ErrorTypes.Of(error));
            _instruments.PublishDuration.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, in tags);
        }
        catch (Exception fromListener)
        {
            _listenerFailed(fromListener);
        }
    }

    public void Received(bool isRedelivered) => Count(_instruments.Received, 1, SamovarTelemetry.ClusterRedeliveredKey, isRedelivered);

    public void Refused(string reason) => Count(_instruments.Refused, 1, SamovarTelemetry.ReasonKey, reason);

    public void Claimed(int started, int dropped)
    {
        if (started > 0) Count(_instruments.Claims, started, SamovarTelemetry.ClusterVerdictKey, "start");
        if (dropped > 0) Count(_instruments.Claims, dropped, SamovarTelemetry.ClusterVerdictKey, "drop");
    }

    public void Duplicate() => Count(_instruments.Duplicates, 1);

    public void NodeLost() => Count(_instruments.NodeLosses, 1);

    public void Interrupted() => Count(_instruments.Interruptions, 1);

    private void Count<T>(Counter<long> counter, long number, string key, T value)
    {
        if (counter.Enabled) CountWith(counter, number, key, value);
    }

    private void Count(Counter<long> counter, long number)
    {
        if (counter.Enabled) CountWith(counter, number, null, null);
    }

    private void CountWith(Counter<long> counter, long number, string? key, object? value)
    {
        try
        {
            var tags = _tags;
            if (key is not null) tags.Add(key, value);
            counter.Add(number, in tags);
        }
        catch (Exception fromListener)
        {
            _listenerFailed(fromListener);
        }
    }
}
