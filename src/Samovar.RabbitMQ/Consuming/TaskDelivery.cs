using System.Globalization;
using Samovar.RabbitMQ.Topology;

namespace Samovar.RabbitMQ.Consuming;

/// <summary>A message from a task queue. The first call that settles it counts.</summary>
internal sealed class TaskDelivery : ClusterDelivery
{
    /// <summary>How often a message had been delivered when a member returned it by publishing it again: the broker counts a new message from 0.</summary>
    public const string DeliveriesHeader = "samovar-deliveries";

    private readonly TaskChannel _channel;
    private int _isSettled;

    public TaskDelivery(TaskChannel channel, int queue, QueueMessage message)
    {
        _channel = channel;
        Queue = queue;
        Tag = message.Tag;
        Body = message.Body.ToArray(); // the client library uses the memory again
        int counted = Number(message.Properties.Headers, "x-delivery-count");
        PreviousDeliveries = Number(message.Properties.Headers, DeliveriesHeader) + Math.Max(counted, message.IsRedelivered ? 1 : 0);
    }

    public override ReadOnlyMemory<byte> Body { get; }

    public override TaskPriority Priority => ClusterNames.PriorityOf(Queue);

    public override int PreviousDeliveries { get; }

    public override bool IsLost => _channel.HasEnded;

    public int Queue { get; }

    public ulong Tag { get; }

    public override void Acknowledge()
    {
        if (TrySettle()) _channel.Acknowledge(this);
    }

    public override void Return()
    {
        if (TrySettle()) _channel.Return(this);
    }

    public override void DeadLetter(string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        if (TrySettle()) _channel.DeadLetter(this, reason);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Priority} message of {Body.Length} bytes, delivered {PreviousDeliveries} times before");

    // Only a count that fits is one of ours or the broker's.
    private static int Number(IDictionary<string, object?>? headers, string name) => headers?.TryGetValue(name, out object? value) == true
        ? value switch { long count => (int)Math.Clamp(count, 0, int.MaxValue / 2), int count => Math.Max(0, count), _ => 0 }
        : 0;

    private bool TrySettle() => Interlocked.Exchange(ref _isSettled, 1) == 0; // no other memory is published with it
}
