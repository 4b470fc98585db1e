namespace Samovar.RabbitMQ.Consuming;

/// <summary>What <see cref="ConsumptionWatchdog"/> watches; tests have one that loses its subscription.</summary>
internal interface IWatchedConsumption
{
    /// <summary>Gets the number of queues.</summary>
    int Queues { get; }

    /// <summary>How long a queue has delivered nothing although there is room for its messages; zero without room.</summary>
    TimeSpan IdleTime(int queue);

    /// <summary>Cancels all subscriptions and begins them again.</summary>
    void SubscribeAgain();
}
