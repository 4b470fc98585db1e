namespace Samovar.RabbitMQ.Publishing;

/// <summary>Sends messages in the order of the calls and completes each when the broker has confirmed it. It outlives sessions: what is not confirmed
/// when a channel ends is sent again through the next one.</summary>
/// <remarks>One gate guards the messages and the channel's table of those that are unconfirmed, so a message is in one place at a time.</remarks>
internal sealed class Publisher(TimeProvider time)
{
    /// <summary>How many messages may be unconfirmed. More than about a thousand do not raise the throughput of RabbitMQ.</summary>
    private const int Window = 1000;

    private readonly Lock _gate = new();
    private readonly LinkedList<OutgoingMessage> _waiting = []; // gate
    private PublishChannel? _channel; // gate
    private bool _isBlocked; // gate
    private long _deadlinesSince; // gate: a deadline counts from here if the message was sent before
    private bool _closed; // gate

    /// <summary>Sends a message.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled. Whether the message was stored is unknown.</exception>
    /// <exception cref="ObjectDisposedException">The publisher was closed.</exception>
    public async Task<PublishResult> PublishAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        PublishChannel? channel;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(ClusterConnection));
            message.Node = _waiting.AddLast(message);
            channel = _channel;
        }

        channel?.Wake();
        if (!cancellationToken.CanBeCanceled) return await message.Task.ConfigureAwait(false);
        await using (cancellationToken.UnsafeRegister((state, token) => Cancel((OutgoingMessage)state!, token), message).ConfigureAwait(false))
            return await message.Task.ConfigureAwait(false);
    }

    /// <summary>Makes a channel the one that sends.</summary>
    public void Attach(PublishChannel channel)
    {
        lock (_gate)
        {
            _channel = channel;
            _isBlocked = false;
            _deadlinesSince = time.GetTimestamp();
        }

        channel.Wake();
    }

    /// <summary>Takes back what a channel has not confirmed, before everything that waits.</summary>
    public void Detach(PublishChannel channel)
    {
        lock (_gate)
        {
            if (_channel == channel) _channel = null;
            foreach (OutgoingMessage message in channel.Unconfirmed.Values.OrderByDescending(static message => message.Sequence)) WaitAgainLocked(message);
            channel.Unconfirmed.Clear();
        }
    }

    public void SetBlocked(bool isBlocked)
    {
        PublishChannel? channel;
        lock (_gate)
        {
            _isBlocked = isBlocked;
            _deadlinesSince = time.GetTimestamp();
            channel = _channel;
        }

        if (!isBlocked) channel?.Wake();
    }

    /// <summary>Whether the broker has not confirmed a message for so long. The time while it is blocked does not count.</summary>
    public bool IsLate(TimeSpan limit)
    {
        lock (_gate)
        {
            if (_channel is null || _isBlocked) return false;
            long oldest = long.MaxValue;
            foreach (OutgoingMessage message in _channel.Unconfirmed.Values)
            {
                if (!message.NeedsNoConfirm) oldest = Math.Min(oldest, message.SentAt);
            }

            return oldest < long.MaxValue && time.GetElapsedTime(Math.Max(_deadlinesSince, oldest)) > limit;
        }
    }

    /// <summary>Fails all calls that have not completed.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            foreach (OutgoingMessage message in _waiting.Concat(_channel?.Unconfirmed.Values ?? Enumerable.Empty<OutgoingMessage>()))
            {
                message.State = MessageState.Completed;
                message.TrySetException(new ObjectDisposedException(typeof(ClusterConnection).FullName));
            }

            _waiting.Clear();
            _channel = null;
        }
    }

    /// <summary>Takes the next message for a channel and enters it in the channel's table; null if nothing waits, or there is no place for it.</summary>
    public OutgoingMessage? Take(PublishChannel channel)
    {
        lock (_gate)
        {
            if (_channel != channel || _isBlocked || channel.Unconfirmed.Count >= Window || _waiting.First?.Value is not { } message) return null;
            _waiting.RemoveFirst();
            message.Node = null;
            message.State = MessageState.Writing;
            message.Sequence = channel.NextSequence++;
            message.SentAt = time.GetTimestamp();
            channel.Unconfirmed.Add(message.Sequence, message);
            return message;
        }
    }

    /// <summary>Notes that the client library has read the message's body.</summary>
    public void Wrote(PublishChannel channel, OutgoingMessage message)
    {
        lock (_gate)
        {
            if (message.State != MessageState.Writing || !channel.Unconfirmed.ContainsKey(message.Sequence)) return;
            message.State = MessageState.Sent;
            if (message.CanceledBy.IsCancellationRequested) CompleteCanceledLocked(message, message.CanceledBy);
            else if (message.NeedsNoConfirm) CompleteLocked(message, isRefused: false);
        }
    }

    /// <summary>Notes that the broker has no queue for a message. Its confirm follows.</summary>
    public void Returned(PublishChannel channel, ulong sequence)
    {
        lock (_gate)
        {
            if (channel.Unconfirmed.TryGetValue(sequence, out OutgoingMessage? message)) message.IsReturned = true;
        }
    }

    /// <summary>Completes the messages that the broker has confirmed or refused.</summary>
    /// <returns>null, or the reason why the channel must be opened again.</returns>
    public Exception? Confirmed(PublishChannel channel, ulong sequence, bool multiple, bool isRefused)
    {
        Exception? failure = null;
        bool hasPlace;
        lock (_gate)
        {
            hasPlace = channel.Unconfirmed.Count >= Window;
            for (ulong next = multiple ? channel.Oldest : sequence; next <= sequence; next++)
            {
                if (channel.Unconfirmed.Remove(next, out OutgoingMessage? message)) failure = CompleteLocked(message, isRefused) ?? failure;
            }

            if (multiple) channel.Oldest = Math.Max(channel.Oldest, sequence + 1);
        }

        if (hasPlace) channel.Wake();
        return failure;
    }

    /// <summary>Fails the unconfirmed messages of one size, because the broker has closed the channel over one that is too long for it.</summary>
    public void FailTooLong(PublishChannel channel, long size, string reason)
    {
        lock (_gate)
        {
            foreach (OutgoingMessage message in channel.Unconfirmed.Values.Where(message => message.Body.Length == size).ToArray())
            {
                channel.Unconfirmed.Remove(message.Sequence);
                message.State = MessageState.Completed;
                message.TrySetException(new ArgumentException($"The broker refused the message: {reason}"));
            }
        }
    }

    private IOException? CompleteLocked(OutgoingMessage message, bool isRefused)
    {
        if (message.State == MessageState.Completed) return null;
        if (isRefused && !message.MayBeRefused)
        {
            WaitAgainLocked(message);
            return new IOException($"RabbitMQ could not store a message in '{message.RoutingKey}{message.Exchange}'.");
        }

        if (message.IsReturned && !message.MayBeUnroutable)
        {
            WaitAgainLocked(message);
            return new IOException($"RabbitMQ has no queue '{message.RoutingKey}' any more.");
        }

        message.State = MessageState.Completed;
        message.TrySetResult(isRefused ? PublishResult.Refused : message.IsReturned ? PublishResult.Unroutable : PublishResult.Stored);
        return null;
    }

    private void WaitAgainLocked(OutgoingMessage message)
    {
        if (message.State == MessageState.Completed) return;
        if (message.CanceledBy.IsCancellationRequested)
        {
            CompleteCanceledLocked(message, message.CanceledBy);
            return;
        }

        message.IsReturned = false;
        message.State = MessageState.Waiting;
        message.Node = _waiting.AddFirst(message);
    }

    private void Cancel(OutgoingMessage message, CancellationToken token)
    {
        lock (_gate)
        {
            switch (message.State)
            {
                case MessageState.Waiting:
                    if (message.Node is { } node) _waiting.Remove(node);
                    message.Node = null;
                    CompleteCanceledLocked(message, token);
                    break;
                case MessageState.Writing:
                    message.CanceledBy = token; // the caller may change the body when its call has completed
                    break;
                case MessageState.Sent:
                    CompleteCanceledLocked(message, token);
                    break;
                default:
                    break;
            }
        }
    }

    private static void CompleteCanceledLocked(OutgoingMessage message, CancellationToken token)
    {
        message.State = MessageState.Completed;
        message.TrySetCanceled(token);
    }
}
