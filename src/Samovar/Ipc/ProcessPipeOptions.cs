using Samovar.Ipc.Shared;

namespace Samovar.Ipc;

/// <summary>The options of a <see cref="ProcessPipe"/>.</summary>
public sealed record ProcessPipeOptions
{
    /// <summary>Gets how many items can be sent and not yet received; 1 to 16,777,216. Default 1,024. Sending blocks while the pipe is
    /// full.</summary>
    public int Capacity { get; init; } = 1024;

    /// <summary>Gets the bytes of buffer for the items of one process, used by types that are not copied as raw bytes; 4,096 to 1 GiB, rounded up to
    /// a power of two. Default 1 MiB. Items larger than half of it, up to 2 GiB, are stored separately.</summary>
    public int BytesPerProcess { get; init; } = 1 << 20;

    /// <summary>Gets how many processes can hold an end at once, including those that pass one on; 2 to 4,096. Default 16.</summary>
    public int MaxProcesses { get; init; } = 16;

    internal SharedFormat FormatFor(SharedFormat element)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxProcesses, 2);
        return new ProcessQueueOptions { Capacity = Capacity, BytesPerProcess = BytesPerProcess, MaxProcesses = MaxProcesses }.FormatFor(element);
    }
}
