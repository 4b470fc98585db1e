using System.Globalization;
using RabbitMQ.Client;

namespace Samovar.RabbitMQ.Consuming;

/// <summary>Keeps the subscriptions of a channel in line with the credit. The loop of acknowledgements calls it, so the channel has one writer.</summary>
/// <remarks>
/// RabbitMQ fixes a subscription's credit when it begins, and a new subscription does not count what the channel still holds of an old one. So a queue
/// can have several subscriptions:
/// <list type="number">
/// <item>The credits of its subscriptions, and the messages that are held of cancelled ones, are together at most the wanted credit.</item>
/// <item>Whenever they are less, another subscription is added for the difference: after the wanted credit was raised, and after messages of cancelled
/// subscriptions were acknowledged.</item>
/// <item>When the wanted credit is less than those of the subscriptions, all are cancelled.</item>
/// <item>When nothing is held, one subscription replaces several.</item>
/// </list>
/// </remarks>
internal sealed class CreditControl(
    IChannel channel, AckLoop acks, Credit credit, string[] queues, Func<int, HeldCount, QueueMessage, Task> received, Action<Exception> failed)
{
    private readonly Lock _gate = new();
    private readonly HeldCount[] _held = [.. queues.Select(static _ => new HeldCount())];
    private readonly List<Subscription>[] _subscriptions = [.. queues.Select(static _ => new List<Subscription>())]; // of the loop
    private TaskCompletionSource? _applied; // gate: completed when the value that is set now is applied
    private bool _subscribesAgain; // gate
    private long _subscribed; // of the loop: numbers the consumer tags

    /// <summary>How many messages of a queue are held.</summary>
    public int Held(int queue) => acks.Held(_held[queue]);

    /// <summary>Makes the broker know the current value.</summary>
    public Task UpdateAsync(CancellationToken cancellationToken)
    {
        Task applied;
        lock (_gate) applied = (_applied ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        acks.Wake();
        return applied.WaitAsync(cancellationToken);
    }

    /// <summary>Cancels the subscriptions and begins them again, because the broker seems to have lost them.</summary>
    public void SubscribeAgain()
    {
        lock (_gate) _subscribesAgain = true;
        acks.Wake();
    }

    /// <summary>Does what is left to do.</summary>
    public async Task ApplyAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource? applied;
        bool subscribesAgain;
        lock (_gate)
        {
            applied = _applied;
            _applied = null;
            subscribesAgain = _subscribesAgain;
            _subscribesAgain = false;
        }

        int wanted = credit.Value;
        acks.SetCredit(wanted);
        for (int queue = 0; queue < queues.Length; queue++)
        {
            List<Subscription> subscriptions = _subscriptions[queue];
            bool couldBeOne = subscriptions.Count > 1 && Held(queue) == 0;
            if (subscribesAgain || couldBeOne || subscriptions.Sum(static subscription => subscription.Credit) > wanted)
                await CancelAsync(subscriptions, cancellationToken).ConfigureAwait(false);

            int ofCancelled = Held(queue) - subscriptions.Sum(subscription => acks.Held(subscription.Held));
            int room = wanted - ofCancelled - subscriptions.Sum(static subscription => subscription.Credit);
            if (room > 0) subscriptions.Add(await SubscribeAsync(queue, room, cancellationToken).ConfigureAwait(false));
        }

        if (wanted == 0 && applied is not null) await PushAcknowledgementsAsync(cancellationToken).ConfigureAwait(false);
        applied?.TrySetResult();
    }

    /// <summary>Makes the broker's channel pass on the acknowledgements that it has received. It keeps some back while a quorum queue is slow, and drops
    /// them when the connection is closed, so that messages that were acknowledged are delivered again. Cancelling has waited for the queue; this waits
    /// for the channel.</summary>
    private Task PushAcknowledgementsAsync(CancellationToken cancellationToken) => channel.BasicQosAsync(0, 1, global: false, cancellationToken);

    private static async Task CancelAsync(List<Subscription> subscriptions, CancellationToken cancellationToken)
    {
        foreach (Subscription subscription in subscriptions) await subscription.Consumer.CancelAsync(subscription.Tag, cancellationToken).ConfigureAwait(false);
        subscriptions.Clear();
    }

    private async Task<Subscription> SubscribeAsync(int queue, int prefetch, CancellationToken cancellationToken)
    {
        string tag = string.Create(CultureInfo.InvariantCulture, $"{queues[queue]}.{++_subscribed}");
        var held = new HeldCount(_held[queue]);
        var consumer = new QueueConsumer(channel, queues[queue], message => received(queue, held, message), failed);
        await channel.BasicQosAsync(0, (ushort)prefetch, global: false, cancellationToken).ConfigureAwait(false);
        await channel.BasicConsumeAsync(queues[queue], autoAck: false, tag, consumer, cancellationToken).ConfigureAwait(false);
        return new Subscription(tag, prefetch, held, consumer);
    }

    private sealed record Subscription(string Tag, int Credit, HeldCount Held, QueueConsumer Consumer);
}
