using System.Net;
using System.Net.Sockets;

namespace Samovar.Tests.Brokers;

/// <summary>Forwards connections to a port of this machine, and cuts or stalls them as a network does.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private int _target; // Volatile
    private readonly Lock _gate = new();
    private readonly List<Socket> _sockets = []; // gate
    private readonly List<Task> _pumps = []; // gate
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private TaskCompletionSource _flowing = Open(); // gate: completed while bytes are forwarded
    private int _accepted; // gate

    public CuttingProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The port to which new connections are forwarded.</summary>
    public int Target
    {
        get => Volatile.Read(ref _target); // SYNC: target of the proxy
        set => Volatile.Write(ref _target, value); // SYNC: target of the proxy
    }

    /// <summary>Gets how many connections were opened through the proxy.</summary>
    public int Accepted
    {
        get
        {
            lock (_gate) return _accepted;
        }
    }

    /// <summary>Closes all connections. New ones are accepted.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            foreach (var socket in _sockets) socket.Dispose();
            _sockets.Clear();
        }
    }

    /// <summary>Forwards nothing any more, without closing anything.</summary>
    public void Stall()
    {
        lock (_gate) _flowing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public void Resume()
    {
        lock (_gate) _flowing.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Stop();
        Resume();
        Cut();
        await _accepting.ConfigureAwait(false);
        Task[] pumps;
        lock (_gate) pumps = [.. _pumps];
        await Task.WhenAll(pumps).WaitAsync(TimeSpan.FromMinutes(1)).ConfigureAwait(false);
        _stop.Dispose();
    }

    private static TaskCompletionSource Open()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token).ConfigureAwait(false);
                lock (_gate)
                {
                    _accepted++;
                    _pumps.Add(ForwardAsync(client));
                }
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The listener was stopped.
            }
        }
    }

    private async Task ForwardAsync(Socket client)
    {
        using var broker = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            lock (_gate) _sockets.AddRange([client, broker]);
            try
            {
                await broker.ConnectAsync(IPAddress.Loopback, Target, _stop.Token).ConfigureAwait(false);
                await Task.WhenAny(PumpAsync(client, broker), PumpAsync(broker, client)).ConfigureAwait(false);
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The broker refuses connections, or the proxy cuts this one.
            }
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer).ConfigureAwait(false) is > 0 and int count)
            {
                Task flowing;
                lock (_gate) flowing = _flowing.Task;
                await flowing.ConfigureAwait(false);
                await to.SendAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }
}
