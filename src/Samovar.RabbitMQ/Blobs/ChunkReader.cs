using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Samovar.RabbitMQ.Connections;
using Samovar.RabbitMQ.Consuming;

namespace Samovar.RabbitMQ.Blobs;

/// <summary>Reads the chunks of a blob in order, and resumes after an interruption.</summary>
internal sealed class ChunkReader(RabbitMQConnection connection, string key) : IAsyncDisposable, IDisposable
{
    private const ushort Prefetch = 8; // chunks: 2 MiB
    private const int NotFound = 404;

    private Subscription? _subscription;
    private long _nextNumber;
    private long _nextOffset;

    /// <summary>Reads the next chunk.</summary>
    /// <exception cref="IOException">None arrives within the time for a confirm: the blob is incomplete.</exception>
    public async Task<Chunk> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            _subscription ??= await SubscribeAsync(cancellationToken).ConfigureAwait(false);
            Chunk chunk;
            try
            {
                chunk = await _subscription.ReadAsync(connection.Options.ConfirmTimeout, connection.Options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
            catch (ChannelClosedException)
            {
                await DisposeAsync().ConfigureAwait(false); // interrupted: subscribes again in the next session
                continue;
            }
            catch (TimeoutException error)
            {
                throw new IOException($"The blob '{key}' is incomplete: chunk {_nextNumber} is missing.", error);
            }

            _nextOffset = chunk.Offset + 1;
            if (chunk.Number != _nextNumber) continue;
            _nextNumber++;
            return chunk;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_subscription is null) return;
        await _subscription.Channel.DisposeAsync().ConfigureAwait(false);
        _subscription = null;
    }

    public void Dispose()
    {
        _subscription?.Channel.Dispose();
        _subscription = null;
    }

    private Task<Subscription> SubscribeAsync(CancellationToken cancellationToken) => connection.RequestAsync(async (session, token) =>
    {
        string stream = connection.Names.Blob(key);
        IChannel channel = await session.Requests.CreateChannelAsync(cancellationToken: token).ConfigureAwait(false);
        var subscription = new Subscription(channel);
        try
        {
            await channel.BasicQosAsync(0, Prefetch, global: false, token).ConfigureAwait(false);
            var arguments = new Dictionary<string, object?>(StringComparer.Ordinal) { [BlobFormat.OffsetHeader] = _nextOffset };
            await channel.BasicConsumeAsync(stream, autoAck: false, consumerTag: stream, noLocal: false, exclusive: false, arguments,
                new QueueConsumer(channel, stream, subscription.Received, subscription.Failed), token).ConfigureAwait(false);
            return subscription;
        }
        catch (OperationInterruptedException error) when (error.ShutdownReason?.ReplyCode == NotFound)
        {
            await channel.DisposeAsync().ConfigureAwait(false);
            throw new IOException($"The blob '{key}' is incomplete: its stream '{stream}' was deleted.", error);
        }
    }, cancellationToken);

    private sealed class Subscription
    {
        private readonly Channel<Chunk> _received = System.Threading.Channels.Channel.CreateUnbounded<Chunk>(); // at most the prefetch

        public Subscription(IChannel channel)
        {
            Channel = channel;
            channel.ChannelShutdownAsync += (_, reason) =>
            {
                _received.Writer.TryComplete(reason.Exception);
                return Task.CompletedTask;
            };
        }

        public IChannel Channel { get; }

        public Task Received(QueueMessage message)
        {
            _received.Writer.TryWrite(Chunk.Read(message));
            return Task.CompletedTask;
        }

        public void Failed(Exception cause) => _received.Writer.TryComplete(cause);

        /// <summary>Reads a chunk and acknowledges it, which lets the broker send another.</summary>
        public async Task<Chunk> ReadAsync(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
        {
            Chunk chunk = await _received.Reader.ReadAsync(cancellationToken).AsTask().WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
            try
            {
                await Channel.BasicAckAsync(chunk.Tag, multiple: false, cancellationToken).ConfigureAwait(false);
            }
            catch (AlreadyClosedException error)
            {
                _received.Writer.TryComplete(error); // the chunk is here; the next read subscribes again
            }

            return chunk;
        }
    }
}
