namespace Samovar.Cluster.Node;

/// <content>When and why the node leaves.</content>
internal sealed partial class NodeCore
{
    private readonly CancellationTokenSource _leaving = new();
    private readonly CancellationTokenSource _hurry = new(); // cuts the wait for running tasks short
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Cancelled when the node begins to leave.</summary>
    public CancellationToken Leaving => _leaving.Token;

    /// <summary>Completes when the node has left.</summary>
    public Task Left => _left.Task;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var hurry = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _hurry);
        Task stop;
        lock (_gate) stop = _stop ??= LeaveAsync();
        await stop.ConfigureAwait(false);
    }

    /// <summary>Leaves because another member requests it.</summary>
    public void Drain() => _ = StopAsync(CancellationToken.None);

    private async Task LeaveAsync()
    {
        try
        {
            Task announced = _leaving.CancelAsync();
            await DisconnectAsync().ConfigureAwait(false);
            await announced.ConfigureAwait(false); // after that: an error of the program's callbacks must not keep the node from leaving
        }
        finally
        {
            _left.TrySetResult();
        }
    }

    /// <summary>Waits for messages that help others but are not necessary: if the connection is interrupted, the broker gives what this node has to
    /// others, and owners notice its silence.</summary>
    private async Task TryInTimeAsync(Func<Task> send)
    {
        if (Connection.State == ClusterConnectionState.Interrupted) return;
        try
        {
            await send().WaitAsync(s_confirmationPatience, Time).ConfigureAwait(false);
        }
        catch (Exception error) when (error is TimeoutException or QueueFullException or ArgumentException)
        {
            // The connection is interrupted, or the broker does not take the message. It delivers again what is not acknowledged.
        }
    }

    private async Task<bool> IsEmptyInTimeAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await _items.WhenEmptyAsync().WaitAsync(limit, Time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }
}
