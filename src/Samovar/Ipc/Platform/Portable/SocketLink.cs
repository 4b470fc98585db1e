using System.Net.Sockets;

namespace Samovar.Ipc.Platform.Portable;

/// <summary>Wake-ups as bytes over a Unix domain socket, which is closed when the peer exits in any way.</summary>
internal sealed class SocketLink : WakeLink
{
    private static readonly byte[] s_wakeUp = [1];

    private readonly LocalDoorbell _sleeper;
    private readonly string _path;
    private readonly Socket? _listener;
    private readonly TaskCompletionSource _peerGone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Socket? _peer;
    private int _disposed;

    private SocketLink(string path, LocalDoorbell sleeper, Socket? listener, Socket? peer)
    {
        _path = path;
        _sleeper = sleeper;
        _listener = listener;
        _peer = peer;
    }

    public override Task PeerGone => _peerGone.Task;

    /// <summary>Called by the parent: waits, in the background, for the worker that has the cookie.</summary>
    public static SocketLink Listen(string path, ChannelCookie cookie, LocalDoorbell sleeper)
    {
        if (path.Length > PortableChannelPlatform.LongestSocketPath)
        {
            throw new IOException(
                $"{path} has {path.Length} characters; a socket's path can have at most {PortableChannelPlatform.LongestSocketPath}. " +
                "Set TMPDIR to a directory with a shorter path.");
        }

        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            listener.Bind(new UnixDomainSocketEndPoint(path));
            FileSegment.AddName(path);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            listener.Listen(1);
        }
        catch (SocketException e)
        {
            listener.Dispose();
            throw new IOException($"Cannot listen on {path}: {e.Message}.", e);
        }

        var link = new SocketLink(path, sleeper, listener, peer: null);
        _ = link.AcceptAsync(cookie);
        return link;
    }

    /// <summary>Called by the worker: connects, sends the cookie, and removes the name.</summary>
    public static SocketLink Connect(string path, ChannelCookie cookie, LocalDoorbell sleeper)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            FileSegment.TryDelete(path);
            Span<byte> proof = stackalloc byte[ChannelCookie.Size];
            cookie.Write(proof);
            socket.Send(proof);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            FileSegment.TryDelete(path);
            throw new IOException($"Cannot connect to the parent at {path}: {e.Message}.", e);
        }

        var link = new SocketLink(path, sleeper, listener: null, socket);
        _ = link.ReceiveAsync(socket);
        return link;
    }

    public override unsafe DoorbellRinger CreateRinger(uint* word) => new SocketRinger(word, this);

    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _listener?.Dispose();
            Volatile.Read(ref _peer)?.Dispose();
            if (_listener is not null) FileSegment.TryDelete(_path);
        }

        base.Dispose();
    }

    private async Task AcceptAsync(ChannelCookie expected)
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener!.AcceptAsync().ConfigureAwait(false);
                byte[] proof = new byte[ChannelCookie.Size];
                if (await ReceiveAllAsync(socket, proof).ConfigureAwait(false) && ChannelCookie.Read(proof).Matches(expected))
                {
                    Volatile.Write(ref _peer, socket); // SYNC: peer connected
                    _listener.Dispose();
                    FileSegment.TryDelete(_path);
                    if (Volatile.Read(ref _disposed) != 0) socket.Dispose();

                    // The worker may have gone to sleep before there was a socket through which to wake it.
                    Poke();
                    await ReceiveAsync(socket).ConfigureAwait(false);
                    return;
                }

                socket.Dispose(); // not the worker: continue to listen
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            _peerGone.TrySetResult(); // the listener was closed, or the peer exited during the handshake
        }
    }

    private static async Task<bool> ReceiveAllAsync(Socket socket, byte[] buffer)
    {
        for (int got = 0; got < buffer.Length;)
        {
            int read = await socket.ReceiveAsync(buffer.AsMemory(got)).ConfigureAwait(false);
            if (read == 0) return false;
            got += read;
        }

        return true;
    }

    private async Task ReceiveAsync(Socket socket)
    {
        byte[] buffer = new byte[64];
        try
        {
            while (await socket.ReceiveAsync(buffer).ConfigureAwait(false) > 0) _sleeper.Signal();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The link is closed in some way; PeerGone reports it below.
        }

        _peerGone.TrySetResult();
    }

    private void Poke()
    {
        try
        {
            Volatile.Read(ref _peer)?.Send(s_wakeUp); // SYNC: peer connected
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            _peerGone.TrySetResult(); // there is no peer to wake
        }
    }

    private sealed unsafe class SocketRinger(uint* word, SocketLink link) : DoorbellRinger(word)
    {
        protected override void Wake() => link.Poke();
    }
}
