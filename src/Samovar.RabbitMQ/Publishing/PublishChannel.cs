using System.Globalization;
using System.Text.RegularExpressions;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Samovar.RabbitMQ.Connections;
using Samovar.RabbitMQ.Primitives;

namespace Samovar.RabbitMQ.Publishing;

/// <summary>A channel that sends a <see cref="Publisher"/>'s messages during one session. Its loop is the only writer of the channel.</summary>
/// <remarks>It tracks confirms itself: the client library's tracking holds the caller of each publish until its confirm, so a single writer would have
/// one message in flight.</remarks>
internal sealed partial class PublishChannel
{
    private const int PreconditionFailed = 406;

    private readonly Publisher _publisher;
    private readonly IChannel _channel;
    private readonly Action<Exception> _failed;
    private readonly WakeSignal _wake = new();

    private PublishChannel(Publisher publisher, IChannel channel, Action<Exception> failed)
    {
        _publisher = publisher;
        _channel = channel;
        _failed = failed;
        channel.BasicAcksAsync += (_, ack) => Confirmed(ack.DeliveryTag, ack.Multiple, isRefused: false);
        channel.BasicNacksAsync += (_, nack) => Confirmed(nack.DeliveryTag, nack.Multiple, isRefused: true);
        channel.BasicReturnAsync += Returned;
        channel.ChannelShutdownAsync += Closed; // before the session ends, which takes the messages away
    }

    // The publisher's gate guards these.

    public Dictionary<ulong, OutgoingMessage> Unconfirmed { get; } = [];

    /// <summary>The broker numbers the messages of a channel from 1.</summary>
    public ulong NextSequence { get; set; } = 1;

    /// <summary>No message before it is unconfirmed.</summary>
    public ulong Oldest { get; set; } = 1;

    public static async Task<PublishChannel> OpenAsync(BrokerLink link, Publisher publisher, Action<Exception> failed, CancellationToken cancellationToken)
    {
        var options = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false);
        IChannel channel = await link.Connection.CreateChannelAsync(options, cancellationToken).ConfigureAwait(false);
        var opened = new PublishChannel(publisher, channel, failed);
        BrokerLink.Watch(channel, failed);
        return opened;
    }

    public void Wake() => _wake.Set();

    /// <summary>Sends until the session ends.</summary>
    /// <param name="ended">Cancelled when the session has ended. It frees a write that waits for a stalled socket. No caller's token takes this way:
    /// one that is cancelled in the middle would spoil the numbering of the confirms.</param>
    public async Task RunAsync(CancellationToken ended)
    {
        try
        {
            while (true)
            {
                while (_publisher.Take(this) is { } message)
                {
                    await WriteAsync(message, ended).ConfigureAwait(false);
                    _publisher.Wrote(this, message);
                }

                await _wake.WaitAsync(ended).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The session has ended. The publisher takes the unconfirmed messages back.
        }
        catch (Exception error)
        {
            _failed(error);
        }
    }

    private ValueTask WriteAsync(OutgoingMessage message, CancellationToken ended)
    {
        var properties = new BasicProperties
        {
            Persistent = true,
            Headers = message.Headers,
            Expiration = message.ExpiresAtOnce ? "0" : null,
            MessageId = message.Sequence.ToString(CultureInfo.InvariantCulture), // correlates a returned message
        };

        // A message to a queue is mandatory: otherwise the broker confirms it and drops it when the queue is missing.
        return _channel.BasicPublishAsync(message.Exchange, message.RoutingKey, mandatory: message.Exchange.Length == 0, properties, message.Body, ended);
    }

    private Task Confirmed(ulong sequence, bool multiple, bool isRefused)
    {
        if (_publisher.Confirmed(this, sequence, multiple, isRefused) is { } failure) _failed(failure);
        return Task.CompletedTask;
    }

    private Task Returned(object sender, BasicReturnEventArgs returned)
    {
        if (ulong.TryParse(returned.BasicProperties.MessageId, CultureInfo.InvariantCulture, out ulong sequence)) _publisher.Returned(this, sequence);
        return Task.CompletedTask;
    }

    private Task Closed(object sender, ShutdownEventArgs reason)
    {
        if (reason.ReplyCode == PreconditionFailed && TooLong().Match(reason.ReplyText) is { Success: true } match)
            _publisher.FailTooLong(this, long.Parse(match.Groups["size"].Value, CultureInfo.InvariantCulture), reason.ReplyText);
        return Task.CompletedTask;
    }

    // "PRECONDITION_FAILED - message size 9000000 is larger than configured max size 8388608"
    [GeneratedRegex(@"message size (?<size>\d+) (is )?larger than", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TooLong();
}
