using RabbitMQ.Client;

namespace Samovar.RabbitMQ.Consuming;

/// <summary>The channel of one session that consumes the reply box and the broadcasts.</summary>
internal sealed class InboxChannel : IDisposable
{
    private const ushort Prefetch = 1000; // of each queue

    private readonly IChannel _channel;
    private readonly ReceiverGate _receiver;
    private readonly Action<Exception> _failed;
    private readonly CancellationToken _ended;
    private readonly AckLoop _acks;

    public InboxChannel(IChannel channel, ReceiverGate receiver, Action<Exception> failed, CancellationToken ended)
    {
        _channel = channel;
        _receiver = receiver;
        _failed = failed;
        _ended = ended;
        _acks = new AckLoop(channel, step: null);
        _acks.SetCredit(Prefetch);
    }

    /// <summary>Begins to consume.</summary>
    /// <param name="replyBox">The reply box.</param>
    /// <param name="broadcastQueue">The queue of the broadcast.</param>
    /// <param name="priority">The number of the session: a higher one takes the messages. The broker may deliver to the session before until it has noticed that
    /// its connection is gone, and nothing arrives there.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task SubscribeAsync(string replyBox, string broadcastQueue, int priority, CancellationToken cancellationToken)
    {
        await _channel.BasicQosAsync(0, Prefetch, global: false, cancellationToken).ConfigureAwait(false);
        await SubscribeAsync(replyBox, priority, _receiver.ReplyAsync, cancellationToken).ConfigureAwait(false);
        await SubscribeAsync(broadcastQueue, priority, _receiver.BroadcastAsync, cancellationToken).ConfigureAwait(false);
    }

    public Task RunAsync() => _acks.RunAsync(_failed, _ended);

    public void Dispose() => _acks.Dispose();

    private Task<string> SubscribeAsync(string queue, int priority, Func<ReadOnlyMemory<byte>, ValueTask> pass, CancellationToken cancellationToken)
    {
        var held = new HeldCount();
        var consumer = new QueueConsumer(_channel, queue, async message =>
        {
            _acks.Received(message.Tag, held);
            await pass(message.Body.ToArray()).ConfigureAwait(false); // the client library uses the memory again
            _acks.Settle(message.Tag);
        }, _failed);
        return _channel.BasicConsumeAsync(queue, autoAck: false, consumerTag: queue, noLocal: false, exclusive: false,
            new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-priority"] = priority }, consumer, cancellationToken);
    }
}
