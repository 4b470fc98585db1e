namespace Samovar.RabbitMQ.Consuming;

/// <summary>How many messages of each task queue a connection may hold. It outlives sessions.</summary>
internal sealed class Credit
{
    private int _value;

    public int Value
    {
        get => Volatile.Read(ref _value); // SYNC: credit set
        set => Volatile.Write(ref _value, value); // SYNC: credit set
    }
}
