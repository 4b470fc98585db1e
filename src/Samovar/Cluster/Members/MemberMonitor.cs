using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Samovar.Cluster.Protocol;
using Samovar.Diagnostics.Metering;

namespace Samovar.Cluster.Members;

/// <summary>What an operator sees of a member: it logs the changes of the connection, counts messages, and measures for
/// <see cref="SamovarTelemetry"/>. Thread-safe.</summary>
internal sealed class MemberMonitor
{
    private readonly ILogger? _logger;
    private readonly ClusterMeter? _meter;
    private readonly Func<(int Accepting, int Draining)>? _nodes;
    private readonly string _title;
    private ClusterConnection? _connection;
    private string? _error; // Volatile: why there is no connection; null while it works
    private long _interruptions; // Interlocked
    private long _received; // Interlocked
    private long _refused; // Interlocked
    private long _duplicates; // Interlocked
    private long _nodesLost; // Interlocked
    private string? _endpoint; // Volatile

    /// <param name="role">The role of the member.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cluster">The name of the cluster.</param>
    /// <param name="loggers">The log; null for none.</param>
    /// <param name="meters">The factory of the meter; null for the shared one.</param>
    /// <param name="nodes">Counts the nodes that the member knows; null if it counts none.</param>
    /// <param name="listenerFailed">Receives errors of the meter's listeners; null to log them.</param>
    public MemberMonitor(
        MemberRole role, string name, string cluster, ILoggerFactory? loggers, IMeterFactory? meters, Func<(int Accepting, int Draining)>? nodes = null,
        Action<Exception>? listenerFailed = null)
    {
        _title = $"{role} '{name}'";
        (Name, Cluster) = (name, cluster);
        _nodes = nodes;
        _logger = loggers?.CreateLogger("Samovar");
        listenerFailed ??= error => Log(logger => logger.LogError(error, "{Member}: a listener of the instruments threw.", _title));
        try
        {
            _meter = new ClusterMeter(MeterInstruments.Of(meters).Cluster, cluster, role == MemberRole.Node ? "node" : "executor", name, ReadFigures, listenerFailed);
        }
        catch (Exception fromListener)
        {
            listenerFailed(fromListener); // the listener belongs to other code; the member works without it
        }
    }

    /// <summary>The name of the member.</summary>
    public string Name { get; }

    /// <summary>The name of its cluster.</summary>
    public string Cluster { get; }

    /// <summary>The address of the broker; null until the first connection.</summary>
    public string? Endpoint => Volatile.Read(ref _endpoint);

    /// <summary>The connection, as <see cref="ClusterExecutor.GetConnectionStatus"/> returns it.</summary>
    public ClusterConnectionStatus Connection
    {
        get
        {
            var connection = Volatile.Read(ref _connection); // SYNC: member connected
            return new ClusterConnectionStatus
            {
                State = connection?.State,
                Error = Volatile.Read(ref _error),
                Interruptions = Interlocked.Read(ref _interruptions),
                Broker = connection?.Broker,
            };
        }
    }

    public long ReceivedMessages => Interlocked.Read(ref _received);

    /// <summary>How many outcomes have arrived that were not used.</summary>
    public long Duplicates => Interlocked.Read(ref _duplicates);

    /// <summary>How many nodes were silent for too long.</summary>
    public long NodesLost => Interlocked.Read(ref _nodesLost);

    public long RefusedMessages => Interlocked.Read(ref _refused);

    /// <summary>Notes that an attempt to connect failed. The same error is logged once.</summary>
    public void ConnectFailed(Exception error)
    {
        if (Interlocked.Exchange(ref _error, error.Message) != error.Message)
            Log(logger => logger.LogWarning("{Member} cannot connect to the cluster '{Cluster}': {Error}", _title, Cluster, error.Message));
    }

    /// <summary>Notes the first connection.</summary>
    public void Connected(ClusterConnection connection, string endpoint)
    {
        Volatile.Write(ref _endpoint, endpoint);
        Volatile.Write(ref _connection, connection); // SYNC: member connected
        if (connection.State == ClusterConnectionState.Connected) Volatile.Write(ref _error, null);
        Log(logger => logger.LogInformation(
            "{Member} is connected to the cluster '{Cluster}' through {Broker} at {Endpoint}.", _title, Cluster, connection.Broker.Product, endpoint));
    }

    /// <summary>Notes a change of the connection.</summary>
    public void StateChanged(ClusterConnectionState state, Exception? cause)
    {
        bool isTrouble = state is ClusterConnectionState.Interrupted or ClusterConnectionState.Blocked;
        Volatile.Write(ref _error, isTrouble ? cause?.Message ?? state.ToString() : null);
        if (state == ClusterConnectionState.Interrupted)
        {
            Interlocked.Increment(ref _interruptions);
            _meter?.Interrupted();
        }

        var level = isTrouble ? LogLevel.Warning : LogLevel.Information;
        Log(logger => logger.Log(level, cause, "{Member}: the connection to the cluster '{Cluster}' is {State}.", _title, Cluster, state));
    }

    /// <summary>Counts a message with tasks that has arrived.</summary>
    public void Received(ClusterDelivery delivery)
    {
        Interlocked.Increment(ref _received);
        _meter?.Received(delivery.PreviousDeliveries > 0);
    }

    /// <summary>Counts a message whose envelope is not valid.</summary>
    public void Refused(EnvelopeVerdict verdict) => Refused(verdict switch
    {
        EnvelopeVerdict.NotAMessage => "not_a_message",
        EnvelopeVerdict.OtherVersion => "other_version",
        EnvelopeVerdict.Unsigned => "unsigned",
        EnvelopeVerdict.UnknownKey => "unknown_key",
        EnvelopeVerdict.Forged => "forged",
        EnvelopeVerdict.TooOld => "too_old",
        _ => "unexpected", // of a kind that does not belong there
    });

    /// <summary>Counts a message that is malformed inside a valid envelope.</summary>
    public void RefusedMalformed() => Refused("malformed");

    /// <summary>Counts attempts that a node has claimed.</summary>
    public void Claimed(int started, int dropped) => _meter?.Claimed(started, dropped);

    /// <summary>Counts an outcome that is not used.</summary>
    public void Duplicate()
    {
        Interlocked.Increment(ref _duplicates);
        _meter?.Duplicate();
    }

    /// <summary>Notes that a node is lost.</summary>
    public void NodeLost(string node, int tasks)
    {
        Interlocked.Increment(ref _nodesLost);
        _meter?.NodeLost();
        Log(logger => logger.LogWarning(
            "{Member}: node '{Node}' of the cluster '{Cluster}' was silent for too long and is lost, with {Tasks} running tasks.", _title, node, Cluster, tasks));
    }

    /// <summary>Publishes a message with tasks, and measures it if anyone listens.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="priority">The queue.</param>
    /// <param name="message">The message.</param>
    /// <param name="tasks">The tasks in it.</param>
    /// <param name="traceOf">Returns the trace of a task.</param>
    public ValueTask PublishAsync<T>(ClusterConnection connection, TaskPriority priority, ReadOnlyMemory<byte> message, IReadOnlyList<T> tasks, Func<T, string> traceOf) =>
        _meter is { MeasuresPublishing: true } || PublishSpan.IsOn
            ? PublishMeasuredAsync(connection, priority, message, tasks.Select(traceOf))
            : connection.PublishAsync(priority, message);

    /// <summary>Ends the observation of the member.</summary>
    public void Close() => _meter?.Close();

    private async ValueTask PublishMeasuredAsync(ClusterConnection connection, TaskPriority priority, ReadOnlyMemory<byte> message, IEnumerable<string> traces)
    {
        var span = PublishSpan.Start(traces, Cluster, connection.Broker, message.Length);
        long began = Stopwatch.GetTimestamp();
        Exception? failure = null;
        try
        {
            await connection.PublishAsync(priority, message).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            failure = error;
            throw;
        }
        finally
        {
            if (span is not null) PublishSpan.End(span, failure);
            _meter?.Published(began, failure);
        }
    }

    private void Refused(string reason)
    {
        Interlocked.Increment(ref _refused);
        _meter?.Refused(reason);
    }

    private ClusterFigures ReadFigures()
    {
        string? state = Connection.State switch
        {
            null => "connecting",
            ClusterConnectionState.Connected => "connected",
            ClusterConnectionState.Blocked => "blocked",
            ClusterConnectionState.Interrupted => "interrupted",
            _ => null,
        };
        var nodes = _nodes?.Invoke();
        return new ClusterFigures(state, nodes?.Accepting, nodes?.Draining);
    }

    private void Log(Action<ILogger> write)
    {
        if (_logger is null) return;
        try
        {
            write(_logger);
        }
        catch (Exception)
        {
            // If the logger throws, the change cannot be reported there, and this may be the thread of the transport. The status still has it.
        }
    }
}
