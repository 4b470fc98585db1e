using RabbitMQ.Client;
using Samovar.RabbitMQ.Primitives;

namespace Samovar.RabbitMQ.Consuming;

/// <summary>The only writer of a channel that consumes. It sends acknowledgements in batches: when enough are pending, or 5 ms after the first.</summary>
/// <param name="channel">The channel.</param>
/// <param name="step">Called after each batch, for what else the channel sends; null for nothing.</param>
internal sealed class AckLoop(IChannel channel, Func<Task>? step) : IDisposable
{
    private const int LongestDelay = 5; // ms

    private readonly Lock _gate = new();
    private readonly AckTracker _tracker = new(); // gate
    private readonly WakeSignal _wake = new();
    private readonly AckBatch _batch = new(); // of the loop
    private Timer? _timer; // gate
    private bool _isTimerArmed; // gate
    private int _batchSize = 1; // gate
    private TaskCompletionSource? _flushed; // gate: completed after the next batch

    /// <summary>Sets how many pending acknowledgements are sent at once: a tenth of what the channel may hold.</summary>
    public void SetCredit(int credit)
    {
        lock (_gate) _batchSize = Math.Max(1, credit / 10);
    }

    public int Held(HeldCount count)
    {
        lock (_gate) return count.Value;
    }

    public void Received(ulong tag, HeldCount holder)
    {
        lock (_gate) _tracker.Add(tag, holder);
    }

    public void Settle(ulong tag, bool isReturned = false)
    {
        lock (_gate)
        {
            _tracker.Settle(tag, isReturned);
            if (_tracker.Pending < _batchSize)
            {
                ArmTimerLocked();
                return;
            }
        }

        _wake.Set();
    }

    /// <summary>Makes the loop take a turn.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Sends what is pending now.</summary>
    public Task FlushAsync()
    {
        Task flushed;
        lock (_gate) flushed = (_flushed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        _wake.Set();
        return flushed;
    }

    /// <summary>Sends until the session ends.</summary>
    /// <param name="failed">Receives the error if sending fails.</param>
    /// <param name="ended">Cancelled when the session has ended.</param>
    public async Task RunAsync(Action<Exception> failed, CancellationToken ended)
    {
        try
        {
            while (true)
            {
                await _wake.WaitAsync(ended).ConfigureAwait(false);
                TaskCompletionSource? flushed;
                lock (_gate)
                {
                    _tracker.TakeBatch(_batch);
                    flushed = _flushed;
                    _flushed = null;
                }

                await SendAsync(ended).ConfigureAwait(false);
                flushed?.SetResult();
                if (step is not null) await step().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The session has ended: the broker delivers again what was not acknowledged.
        }
        catch (Exception error)
        {
            failed(error);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _timer?.Dispose();
            _isTimerArmed = true; // never again
            _flushed?.TrySetResult();
        }
    }

    private async ValueTask SendAsync(CancellationToken ended)
    {
        foreach (ulong tag in _batch.Returned) await channel.BasicNackAsync(tag, multiple: false, requeue: true, ended).ConfigureAwait(false);
        if (_batch.UpTo > 0) await channel.BasicAckAsync(_batch.UpTo, multiple: true, ended).ConfigureAwait(false);
        foreach (ulong tag in _batch.Single) await channel.BasicAckAsync(tag, multiple: false, ended).ConfigureAwait(false);
    }

    private void ArmTimerLocked()
    {
        if (_isTimerArmed) return;
        _isTimerArmed = true;
        _timer ??= new Timer(static state => ((AckLoop)state!).Elapsed(), this, Timeout.Infinite, Timeout.Infinite);
        _timer.Change(LongestDelay, Timeout.Infinite);
    }

    private void Elapsed()
    {
        lock (_gate) _isTimerArmed = false;
        _wake.Set();
    }
}
