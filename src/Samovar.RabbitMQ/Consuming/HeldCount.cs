namespace Samovar.RabbitMQ.Consuming;

/// <summary>How many deliveries the broker regards as unacknowledged. The gate of the <see cref="AckLoop"/> guards it.</summary>
/// <param name="whole">The count that this one is a part of; null for none.</param>
internal sealed class HeldCount(HeldCount? whole = null)
{
    public int Value { get; private set; }

    public void Add(int change)
    {
        Value += change;
        whole?.Add(change);
    }
}
