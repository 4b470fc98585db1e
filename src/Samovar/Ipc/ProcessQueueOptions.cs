using System.Numerics;
using Samovar.Ipc.Queues;
using Samovar.Ipc.Shared;

namespace Samovar.Ipc;

/// <summary>The options of a <see cref="ProcessQueue{T}"/>.</summary>
public sealed record ProcessQueueOptions
{
    /// <summary>Gets how many items each process can have in the queue at once; 1 to 16,777,216. Default 1,024.</summary>
    public int Capacity { get; init; } = 1024;

    /// <summary>Gets what putting does when the process has that many items in the queue. Default <see cref="ProcessQueueFullMode.Wait"/>.</summary>
    public ProcessQueueFullMode FullMode { get; init; }

    /// <summary>Gets the name by which other processes of the same user open the queue: up to 100 ASCII letters, digits, '-', '_' and '.', not
    /// starting with '.'. Default null, for an unnamed queue.</summary>
    public string? Name { get; init; }

    /// <summary>Gets how many processes can use the queue at once; 1 to 4,096. Default 64. Address space is reserved for each; memory is used only
    /// for those that put items.</summary>
    public int MaxProcesses { get; init; } = 64;

    /// <summary>Gets whether consumers mark taken items as done, so that <see cref="ProcessQueue{T}.WaitUntilDone"/> can wait for it. Default
    /// false.</summary>
    public bool TrackCompletion { get; init; }

    /// <summary>Gets the bytes of buffer for the items of one process, used by types that are not copied as raw bytes; 4,096 to 1 GiB, rounded up to
    /// a power of two. Default 1 MiB. Items larger than half of it, up to 2 GiB, are stored separately.</summary>
    public int BytesPerProcess { get; init; } = 1 << 20;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Capacity, QueueLayout.LargestCapacity);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxProcesses, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxProcesses, SharedFormat.MaxProcessSlots);
        ArgumentOutOfRangeException.ThrowIfLessThan(BytesPerProcess, 4096);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BytesPerProcess, 1 << 30);
        if (!Enum.IsDefined(FullMode))
            throw new ArgumentOutOfRangeException(nameof(FullMode), FullMode, "The mode is not one of ProcessQueueFullMode.");
    }

    internal SharedFormat FormatFor(SharedFormat element)
    {
        Validate();
        long traits = QueueLayout.Traits(FullMode, TrackCompletion, BitOperations.RoundUpToPowerOf2((uint)BytesPerProcess));
        var layout = new QueueLayout(Capacity, element.ElementSize, MaxProcesses, traits);
        return element with
        {
            Name = Name,
            Capacity = Capacity,
            Traits = traits,
            ProcessSlots = MaxProcesses,
            DataLength = layout.DataLength,
            Beyond = layout.Beyond,
        };
    }
}
