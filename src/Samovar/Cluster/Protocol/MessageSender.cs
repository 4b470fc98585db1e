using System.Threading.Channels;

namespace Samovar.Cluster.Protocol;

/// <summary>Sends messages to reply boxes in the order of the calls, without waiting for each. Thread-safe.</summary>
internal sealed class MessageSender
{
    private readonly ClusterConnection _connection;
    private readonly Action<string> _boxIsGone;
    private readonly Channel<Outgoing> _queue = Channel.CreateUnbounded<Outgoing>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _loop;
    private long _queued; // Interlocked
    private long _passed; // written by the loop

    /// <param name="connection">The connection.</param>
    /// <param name="boxIsGone">Called with the address of a reply box that does not exist. Must be quick and not throw.</param>
    public MessageSender(ClusterConnection connection, Action<string> boxIsGone)
    {
        _connection = connection;
        _boxIsGone = boxIsGone;
        _loop = RunAsync();
    }

    /// <summary>Queues a message; does nothing after <see cref="EndAsync"/>.</summary>
    public void Send(string address, byte[] message)
    {
        Interlocked.Increment(ref _queued);
        _queue.Writer.TryWrite(new Outgoing(address, message, Flushed: null));
    }

    /// <summary>Completes when the messages of all calls that have returned were passed to the connection. What the caller then sends over the connection
    /// arrives after them.</summary>
    public Task FlushAsync()
    {
        // SYNC: messages passed. The loop counts a message after it has passed it.
        if (Volatile.Read(ref _passed) == Volatile.Read(ref _queued)) return Task.CompletedTask;
        var flushed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _queue.Writer.TryWrite(new Outgoing("", [], flushed)) ? flushed.Task : _loop;
    }

    /// <summary>Completes when all queued messages were passed to the connection.</summary>
    public Task EndAsync()
    {
        _queue.Writer.TryComplete();
        return _loop;
    }

    private async Task RunAsync()
    {
        await foreach (var next in _queue.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            if (next.Flushed is { } flushed)
            {
                flushed.SetResult();
                continue;
            }

            _ = SendAsync(next);
            Volatile.Write(ref _passed, _passed + 1); // SYNC: messages passed
        }
    }

    private async Task SendAsync(Outgoing outgoing)
    {
        try
        {
            if (!await _connection.SendAsync(outgoing.Address, outgoing.Message).ConfigureAwait(false)) _boxIsGone(outgoing.Address);
        }
        catch (ObjectDisposedException)
        {
            // The member has left the cluster, which others notice.
        }
        catch (Exception)
        {
            _boxIsGone(outgoing.Address); // the transport cannot send it, and never will
        }
    }

    private readonly record struct Outgoing(string Address, byte[] Message, TaskCompletionSource? Flushed);
}
