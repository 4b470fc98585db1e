using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Samovar.RabbitMQ.Connections;
using Samovar.RabbitMQ.Topology;

namespace Samovar.RabbitMQ.DeadLetters;

/// <summary>Takes dead letters from their queue without acknowledging them, and settles each as a function decides. What is not settled returns to the
/// queue, in its order, when the channel is closed, whatever the cause.</summary>
/// <param name="session">The session, whose connection gets a channel for the review.</param>
/// <param name="names">The names of the queues.</param>
/// <param name="retry">Puts a letter into its task queue, and completes when it is stored.</param>
internal sealed class DeadLetterReview(Session session, ClusterNames names, Func<ClusterDeadLetter, CancellationToken, Task> retry)
{
    /// <returns>How many letters were passed to the function.</returns>
    public async Task<int> RunAsync(Func<ClusterDeadLetter, DeadLetterAction> decide, int most, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, session.Ended);
        try
        {
            IChannel channel = await session.Requests.CreateChannelAsync(cancellationToken: either.Token).ConfigureAwait(false);
            await using (channel.ConfigureAwait(false))
            {
                int passed = 0;
                while (passed < most && await channel.BasicGetAsync(names.DeadLetters, autoAck: false, either.Token).ConfigureAwait(false) is { } message)
                {
                    await SettleAsync(channel, message, decide, either.Token).ConfigureAwait(false);
                    passed++;
                }

                await channel.CloseAsync(either.Token).ConfigureAwait(false); // the broker has processed the acknowledgements before it answers
                return passed;
            }
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested
            && (session.Ended.IsCancellationRequested || error is AlreadyClosedException or OperationInterruptedException or TimeoutException))
        {
            throw new ClusterConnectionException("The connection to RabbitMQ was interrupted while dead letters were read. Those that were not settled are still there; repeat the call.", error);
        }
    }

    private async Task SettleAsync(IChannel channel, BasicGetResult message, Func<ClusterDeadLetter, DeadLetterAction> decide, CancellationToken cancellationToken)
    {
        var letter = DeadLetterHeaders.Read(message.Body.ToArray(), message.BasicProperties.Headers, names);
        var action = decide(letter);
        if (action == DeadLetterAction.Keep) return;
        if (action == DeadLetterAction.Retry) await retry(letter, cancellationToken).ConfigureAwait(false); // first: at worst the message is doubled
        await channel.BasicAckAsync(message.DeliveryTag, multiple: false, cancellationToken).ConfigureAwait(false);
    }
}
