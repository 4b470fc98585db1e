namespace Samovar.RabbitMQ.Consuming;

/// <summary>What an <see cref="AckTracker"/> has collected to be sent.</summary>
internal sealed class AckBatch
{
    /// <summary>The tags to return.</summary>
    public List<ulong> Returned { get; } = [];

    /// <summary>The last tag of those that one acknowledgement covers; 0 for none.</summary>
    public ulong UpTo { get; set; }

    /// <summary>The tags to acknowledge one by one, because an earlier delivery is still held.</summary>
    public List<ulong> Single { get; } = [];

    public void Clear()
    {
        Returned.Clear();
        Single.Clear();
        UpTo = 0;
    }
}
