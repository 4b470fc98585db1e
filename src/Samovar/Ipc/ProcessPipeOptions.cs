using Samovar.Ipc.Shared;

namespace Samovar.Ipc;

/// <summary>How a pipe is made.</summary>
public sealed record ProcessPipeOptions
{
    /// <summary>How many items may have been sent that nobody has received yet; 1 to 16,777,216. Default 1,024. Sending more waits.</summary>
    public int Capacity { get; init; } = 1024;

    /// <summary>Bytes in which the items lie, for types that are not moved as bytes; 4,096 to 1 GiB, rounded up to a power of two. Default 1 MiB.
    /// An item of more than half of it lies beside them, up to 2 GiB.</summary>
    public int BytesPerProcess { get; init; } = 1 << 20;

    /// <summary>How many processes may have an end at once, counting those that hand one on; 2 to 4,096. Default 16.</summary>
    public int MaxProcesses { get; init; } = 16;

    internal SharedFormat FormatFor(SharedFormat element)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxProcesses, 2);
        return new ProcessQueueOptions { Capacity = Capacity, BytesPerProcess = BytesPerProcess, MaxProcesses = MaxProcesses }.FormatFor(element);
    }
}
