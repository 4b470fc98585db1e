using Microsoft.Extensions.Logging;

namespace Samovar.RabbitMQ.Consuming;

/// <summary>Looks every 30 seconds whether messages arrive that should: a broker can lose a subscription while the connection works
/// (rabbitmq-server#15473).</summary>
/// <param name="tasks">The channel that is watched.</param>
/// <param name="readyMessages">Reads how many messages a queue has for delivery.</param>
/// <param name="failed">Ends the session.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed class ConsumptionWatchdog(
    IWatchedConsumption tasks, Func<int, CancellationToken, Task<long>> readyMessages, Action<Exception> failed, TimeProvider time, ILogger logger)
{
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    private readonly bool[] _suspects = new bool[tasks.Queues];

    /// <summary>Watches until the session ends.</summary>
    public async Task RunAsync(CancellationToken ended)
    {
        try
        {
            using var timer = new PeriodicTimer(Period, time);
            while (await timer.WaitForNextTickAsync(ended).ConfigureAwait(false)) await CheckAsync(ended).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The session has ended.
        }
        catch (Exception error)
        {
            failed(error); // the broker does not answer
        }
    }

    /// <summary>First subscribes again, which loses no delivery; if that does not help until the next check, ends the session.</summary>
    private async Task CheckAsync(CancellationToken ended)
    {
        for (int queue = 0; queue < tasks.Queues; queue++)
        {
            TimeSpan idle = tasks.IdleTime(queue);
            long ready = idle >= Period ? await readyMessages(queue, ended).ConfigureAwait(false) : 0;
            if (ready == 0)
            {
                _suspects[queue] = false;
                continue;
            }

            if (_suspects[queue])
            {
                failed(new TimeoutException($"RabbitMQ has delivered none of {ready} messages for {idle.TotalSeconds:0} s, although there is room for them."));
                return;
            }

            logger.LogWarning("RabbitMQ has delivered none of {Ready} messages for {Time}, although there is room for them: subscribing again.", ready, idle);
            _suspects[queue] = true;
            tasks.SubscribeAgain();
        }
    }
}
