using Microsoft.Extensions.Logging;

namespace Samovar.RabbitMQ.Consuming;

/// <summary>Calls the receiver of a connection: each method for one message at a time, and none after <see cref="CloseAsync"/>.</summary>
internal sealed class ReceiverGate(ClusterReceiver receiver, ILogger logger)
{
    private readonly SemaphoreSlim _deliveries = new(1);
    private readonly SemaphoreSlim _replies = new(1);
    private readonly SemaphoreSlim _broadcasts = new(1);
    private readonly SemaphoreSlim _states = new(1);
    private bool _closed; // written with all four semaphores, read with one

    /// <summary>Passes a delivery on.</summary>
    /// <returns>The error of the receiver, which has not settled the delivery then; otherwise null.</returns>
    public async ValueTask<Exception?> DeliverAsync(ClusterDelivery delivery)
    {
        await _deliveries.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!_closed) receiver.OnDelivery(delivery);
            return null;
        }
        catch (Exception error)
        {
            return Report(error, nameof(ClusterReceiver.OnDelivery));
        }
        finally
        {
            _deliveries.Release();
        }
    }

    public async ValueTask ReplyAsync(ReadOnlyMemory<byte> message)
    {
        await _replies.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!_closed) receiver.OnReply(message);
        }
        catch (Exception error)
        {
            Report(error, nameof(ClusterReceiver.OnReply));
        }
        finally
        {
            _replies.Release();
        }
    }

    public async ValueTask BroadcastAsync(ReadOnlyMemory<byte> message)
    {
        await _broadcasts.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!_closed) receiver.OnBroadcast(message);
        }
        catch (Exception error)
        {
            Report(error, nameof(ClusterReceiver.OnBroadcast));
        }
        finally
        {
            _broadcasts.Release();
        }
    }

    public async ValueTask ChangeStateAsync(ClusterConnectionState state, Exception? cause)
    {
        await _states.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!_closed) receiver.OnStateChanged(state, cause);
        }
        catch (Exception error)
        {
            Report(error, nameof(ClusterReceiver.OnStateChanged));
        }
        finally
        {
            _states.Release();
        }
    }

    /// <summary>Waits for the calls that run, and permits no more.</summary>
    public async Task CloseAsync()
    {
        SemaphoreSlim[] all = [_deliveries, _replies, _broadcasts, _states];
        foreach (SemaphoreSlim turn in all) await turn.WaitAsync().ConfigureAwait(false);
        _closed = true;
        foreach (SemaphoreSlim turn in all) turn.Release();
    }

    private Exception Report(Exception error, string method)
    {
        logger.LogError(error, "The receiver of a cluster connection threw an exception in {Method}, which must not throw.", method);
        return error;
    }
}
