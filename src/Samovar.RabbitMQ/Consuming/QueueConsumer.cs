using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Samovar.RabbitMQ.Consuming;

/// <summary>A subscription to one queue.</summary>
/// <param name="channel">The channel.</param>
/// <param name="queue">The queue.</param>
/// <param name="deliver">Called for each message, one at a time. The body is valid during the call.</param>
/// <param name="failed">Called when the broker ends the subscription, because the queue was deleted or its node is gone.</param>
internal sealed class QueueConsumer(IChannel channel, string queue, Func<QueueMessage, Task> deliver, Action<Exception> failed) : IAsyncBasicConsumer
{
    private TaskCompletionSource? _canceled; // written by the loop that cancels, before it does

    public IChannel? Channel => channel;

    /// <summary>Cancels the subscription. Everything that was delivered before has been passed on when this completes.</summary>
    public async Task CancelAsync(string tag, CancellationToken cancellationToken)
    {
        var canceled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _canceled, canceled); // SYNC: cancellation awaited
        await channel.BasicCancelAsync(tag, noWait: false, cancellationToken).ConfigureAwait(false);
        await canceled.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task HandleBasicDeliverAsync(string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default) => deliver(new QueueMessage(deliveryTag, redelivered, properties, body));

    public Task HandleBasicCancelOkAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        Volatile.Read(ref _canceled)?.TrySetResult(); // SYNC: cancellation awaited
        return Task.CompletedTask;
    }

    public Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        failed(new IOException($"RabbitMQ ended the subscription to '{queue}': the queue was deleted, or its node is gone."));
        return Task.CompletedTask;
    }

    public Task HandleBasicConsumeOkAsync(string consumerTag, CancellationToken cancellationToken = default) => Task.CompletedTask;

    // The channel's own event reports this.
    public Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason) => Task.CompletedTask;
}
