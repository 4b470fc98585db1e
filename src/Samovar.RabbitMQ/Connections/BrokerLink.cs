using System.Net.Sockets;
using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Samovar.RabbitMQ.Connections;

/// <summary>One AMQP connection with its socket. The client library waits for its socket when it closes a connection, without a limit if the network
/// has stalled, so a link can close the socket itself.</summary>
internal sealed class BrokerLink : IAsyncDisposable
{
    private static readonly TimeSpan s_closeTimeout = TimeSpan.FromSeconds(2);

    private readonly Sockets _sockets;

    private BrokerLink(IConnection connection, Sockets sockets)
    {
        Connection = connection;
        _sockets = sockets;
    }

    public IConnection Connection { get; }

    /// <summary>Opens a connection.</summary>
    /// <param name="address">The broker.</param>
    /// <param name="options">The options.</param>
    /// <param name="name">The name of the connection in the broker's management pages.</param>
    /// <param name="time">How long it may take.</param>
    /// <param name="patience">After which time the system closes the socket if nothing that was sent is acknowledged; null for its default. Not for a connection that
    /// publishes: a broker that is blocked does not read it.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    public static async Task<BrokerLink> OpenAsync(BrokerAddress address, RabbitMQTransportOptions options, string name, TimeSpan time, TimeSpan? patience, CancellationToken cancellationToken)
    {
        var sockets = new Sockets(patience);
        ConnectionFactory factory = address.CreateFactory(options, time);
        factory.SocketFactory = sockets.Open;
        using var limit = new CancellationTokenSource(time, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            // The client library has no limit for the first answer of the broker, and does not look at its token meanwhile.
            return new BrokerLink(await factory.CreateConnectionAsync(name, either.Token).WaitAsync(either.Token).ConfigureAwait(false), sockets);
        }
        catch (Exception error)
        {
            sockets.Close();
            cancellationToken.ThrowIfCancellationRequested();
            if (limit.IsCancellationRequested) throw new TimeoutException($"no answer within {time.TotalSeconds:0.###} s.", error);
            throw;
        }
    }

    /// <summary>Reports the end of the connection and of callbacks that fail.</summary>
    public void Watch(Action<Exception> failed)
    {
        Connection.ConnectionShutdownAsync += (_, reason) => Report(failed, SessionEnd.Of("The connection", reason));
        Connection.CallbackExceptionAsync += (_, error) => Report(failed, error.Exception);
        if (!Connection.IsOpen) failed(SessionEnd.Of("The connection", Connection.CloseReason));
    }

    /// <summary>Reports the end of a channel and callbacks that fail.</summary>
    public static void Watch(IChannel channel, Action<Exception> failed)
    {
        channel.ChannelShutdownAsync += (_, reason) => Report(failed, SessionEnd.Of("The channel", reason));
        channel.CallbackExceptionAsync += (_, error) => Report(failed, error.Exception);
        if (!channel.IsOpen) failed(SessionEnd.Of("The channel", channel.CloseReason));
    }

    /// <summary>Closes the socket at once. What is buffered is lost.</summary>
    public void Sever() => _sockets.Close();

    /// <summary>Closes the connection, with the socket after 2 seconds if the broker does not answer.</summary>
    public async ValueTask DisposeAsync()
    {
        // Not an abort: that closes the socket without reading what has arrived, and then the kernel discards what was sent, acknowledgements among it.
        Task closed = Connection.IsOpen
            ? Connection.CloseAsync(Constants.ReplySuccess, "closed", s_closeTimeout, abort: false, CancellationToken.None)
            : Task.CompletedTask;
        try
        {
            await closed.WaitAsync(s_closeTimeout).ConfigureAwait(false);
        }
        catch (Exception error) when (error is TimeoutException or IOException or OperationCanceledException or OperationInterruptedException or ChannelClosedException)
        {
            // The broker does not answer or is gone: it returns what was delivered when the socket is closed.
        }

        Sever();
        await Connection.DisposeAsync().ConfigureAwait(false);
    }

    private static Task Report(Action<Exception> failed, Exception error)
    {
        failed(error);
        return Task.CompletedTask;
    }

    /// <summary>The sockets that were opened for one connection: one for each address of the host that was tried.</summary>
    private sealed class Sockets(TimeSpan? patience)
    {
        private const int TcpLevel = 6;
        private const int UserTimeout = 18; // TCP_USER_TIMEOUT of Linux, in milliseconds

        private readonly Lock _gate = new();
        private readonly List<Socket> _opened = []; // gate
        private bool _closed; // gate

        public TcpClientAdapter Open(AddressFamily family)
        {
            var socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            if (patience is { } time && OperatingSystem.IsLinux()) socket.SetRawSocketOption(TcpLevel, UserTimeout, BitConverter.GetBytes((int)time.TotalMilliseconds));
            lock (_gate)
            {
                if (!_closed) _opened.Add(socket);
            }

            return new TcpClientAdapter(socket);
        }

        public void Close()
        {
            Socket[] opened;
            lock (_gate)
            {
                _closed = true;
                opened = [.. _opened];
                _opened.Clear();
            }

            foreach (Socket socket in opened) socket.Dispose();
        }
    }
}
