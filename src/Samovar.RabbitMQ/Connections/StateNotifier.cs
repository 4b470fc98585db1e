using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Samovar.RabbitMQ.Consuming;

namespace Samovar.RabbitMQ.Connections;

/// <summary>The state of a connection. Passes each change to the receiver, in order, and writes it to the log.</summary>
internal sealed class StateNotifier
{
    private readonly Lock _gate = new();
    private readonly Channel<(ClusterConnectionState State, Exception? Cause, string Broker)> _changes =
        Channel.CreateUnbounded<(ClusterConnectionState State, Exception? Cause, string Broker)>(new UnboundedChannelOptions { SingleReader = true });

    private readonly ReceiverGate _receiver;
    private readonly ILogger _logger;
    private readonly string _connection;
    private readonly Task _run;
    private ClusterConnectionState _state = ClusterConnectionState.Connected; // gate
    private string _broker; // gate: the address of the latest session

    public StateNotifier(ReceiverGate receiver, ILogger logger, string connection, string brokers)
    {
        _broker = brokers;
        _receiver = receiver;
        _logger = logger;
        _connection = connection;
        _run = RunAsync();
    }

    public ClusterConnectionState State
    {
        get
        {
            lock (_gate) return _state;
        }
    }

    public void Set(ClusterConnectionState state, Exception? cause = null)
    {
        lock (_gate) SetLocked(state, cause);
    }

    /// <summary>Sets the state to Connected.</summary>
    public void Connected(BrokerAddress broker)
    {
        lock (_gate)
        {
            _broker = broker.ToString();
            SetLocked(ClusterConnectionState.Connected, null);
        }
    }

    /// <summary>Writes to the log that an attempt to restore the connection failed.</summary>
    public void Retrying(Exception cause)
    {
        _logger.LogWarning("The connection {Connection} is still interrupted: {Cause}", _connection, cause.Message);
        Set(ClusterConnectionState.Interrupted, cause); // if the session failed in its last step
    }

    /// <summary>Sets the state to Closed, and waits until the receiver has been called with all changes.</summary>
    public async Task CloseAsync()
    {
        Set(ClusterConnectionState.Closed);
        _changes.Writer.TryComplete();
        await _run.ConfigureAwait(false);
    }

    private void SetLocked(ClusterConnectionState state, Exception? cause)
    {
        if (_state == state || _state == ClusterConnectionState.Closed) return;
        _state = state;
        _changes.Writer.TryWrite((state, cause, _broker));
    }

    private async Task RunAsync()
    {
        await foreach (var (state, cause, broker) in _changes.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            LogLevel level = state is ClusterConnectionState.Interrupted or ClusterConnectionState.Blocked ? LogLevel.Warning : LogLevel.Information;
            _logger.Log(level, cause, "The connection {Connection} at {Broker} is {State}.", _connection, broker, state);
            await _receiver.ChangeStateAsync(state, cause).ConfigureAwait(false);
        }
    }
}
