using System.Globalization;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using Samovar.RabbitMQ.DeadLetters;
using Samovar.RabbitMQ.Publishing;

namespace Samovar.RabbitMQ.Consuming;

/// <summary>The channel of one session that consumes the three task queues.</summary>
internal sealed class TaskChannel : IWatchedConsumption, IAsyncDisposable
{
    private const int LongestReason = 8 * 1024; // characters: headers must fit into one frame
    private static readonly TimeSpan s_settleTimeout = TimeSpan.FromSeconds(2);

    private readonly TaskChannelParts _parts;
    private readonly CancellationToken _ended;
    private readonly AckLoop _acks;
    private readonly CreditControl _credit;
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _settling = []; // gate: returns and dead letters that are being published
    private readonly long[] _lastDelivery; // gate: of each queue

    public TaskChannel(TaskChannelParts parts, IChannel channel, CancellationToken ended)
    {
        _parts = parts;
        _ended = ended;
        _lastDelivery = [.. parts.Names.TaskQueues.Select(_ => parts.Time.GetTimestamp())];
        _acks = new AckLoop(channel, () => _credit!.ApplyAsync(ended));
        _credit = new CreditControl(channel, _acks, parts.Credit, parts.Names.TaskQueues, ReceiveAsync, parts.Failed);
    }

    /// <summary>Whether the channel has ended, so that its deliveries go to other members.</summary>
    public bool HasEnded => _ended.IsCancellationRequested;

    public int Queues => _lastDelivery.Length;

    public CreditControl Credit => _credit;

    public Task RunAsync() => _acks.RunAsync(_parts.Failed, _ended);

    public void Acknowledge(TaskDelivery delivery)
    {
        if (!HasEnded) _acks.Settle(delivery.Tag);
    }

    public void Return(TaskDelivery delivery)
    {
        if (HasEnded) return;
        if (_parts.Version.ReturnsAreFree) _acks.Settle(delivery.Tag, isReturned: true);
        else Track(RepublishAsync(delivery));
    }

    public void DeadLetter(TaskDelivery delivery, string reason)
    {
        if (!HasEnded) Track(PublishDeadAsync(delivery, reason));
    }

    /// <summary>How long a queue has delivered nothing although the channel has room for its messages; zero if it has none.</summary>
    public TimeSpan IdleTime(int queue)
    {
        int credit = _parts.Credit.Value;
        if (credit == 0 || _credit.Held(queue) >= credit) return TimeSpan.Zero;
        lock (_gate) return _parts.Time.GetElapsedTime(_lastDelivery[queue]);
    }

    public void SubscribeAgain() => _credit.SubscribeAgain();

    /// <summary>Sends what was settled and cancels the subscriptions, for at most some seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            while (true)
            {
                Task[] settling;
                lock (_gate) settling = [.. _settling];
                if (settling.Length == 0) break;
                await Task.WhenAll(settling).WaitAsync(s_settleTimeout, _ended).ConfigureAwait(false);
            }

            await _acks.FlushAsync().WaitAsync(s_settleTimeout, _ended).ConfigureAwait(false);
            _parts.Credit.Value = 0;
            await _credit.UpdateAsync(_ended).WaitAsync(s_settleTimeout, _ended).ConfigureAwait(false);
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            // The broker delivers those messages again.
        }
    }

    /// <summary>Frees the timer of the acknowledgements, after the session has ended.</summary>
    public void Stop() => _acks.Dispose();

    private async Task ReceiveAsync(int queue, HeldCount holder, QueueMessage message)
    {
        if (HasEnded) return;
        var delivery = new TaskDelivery(this, queue, message);
        lock (_gate) _lastDelivery[queue] = _parts.Time.GetTimestamp();
        _acks.Received(message.Tag, holder);
        if (await _parts.Receiver.DeliverAsync(delivery).ConfigureAwait(false) is { } error)
            delivery.DeadLetter($"The receiver of '{_parts.Member}' failed: {error}");
    }

    // The publisher sends the copy before the original is acknowledged, so the message is never lost, at worst doubled.
    private async Task RepublishAsync(TaskDelivery delivery)
    {
        PublishResult result = await _parts.Publisher.PublishAsync(
            new OutgoingMessage
            {
                Exchange = "",
                RoutingKey = _parts.Names.TaskQueues[delivery.Queue],
                Body = delivery.Body,
                Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { [TaskDelivery.DeliveriesHeader] = delivery.PreviousDeliveries },
                MayBeRefused = true,
            },
            _ended).ConfigureAwait(false);
        _acks.Settle(delivery.Tag, isReturned: result == PublishResult.Refused); // a full queue still takes its own messages back
    }

    private async Task PublishDeadAsync(TaskDelivery delivery, string reason)
    {
        await _parts.Publisher.PublishAsync(
            new OutgoingMessage
            {
                Exchange = "",
                RoutingKey = _parts.Names.DeadLetters,
                Body = delivery.Body,
                Headers = new Dictionary<string, object?>(StringComparer.Ordinal)
                {
                    [DeadLetterHeaders.Reason] = reason.Length > LongestReason ? reason[..LongestReason] : reason,
                    [DeadLetterHeaders.Time] = _parts.Time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture),
                    [DeadLetterHeaders.Queue] = _parts.Names.TaskQueues[delivery.Queue],
                    [DeadLetterHeaders.Member] = _parts.Member,
                    [TaskDelivery.DeliveriesHeader] = delivery.PreviousDeliveries,
                },
            },
            _ended).ConfigureAwait(false);
        _acks.Settle(delivery.Tag);
    }

    private void Track(Task settling)
    {
        lock (_gate) _settling.Add(settling);
        _ = ForgetAsync(settling); // reports its errors itself
    }

    private async Task ForgetAsync(Task settling)
    {
        try
        {
            await settling.ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            // The channel has ended: the broker delivers the message again.
        }
        catch (Exception error)
        {
            _parts.Logger.LogError(error, "A message could not be returned or moved to the dead letters; the broker delivers it again.");
            _parts.Failed(error);
        }
        finally
        {
            lock (_gate) _settling.Remove(settling);
        }
    }
}
