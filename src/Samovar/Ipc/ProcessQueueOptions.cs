using System.Numerics;
using Samovar.Ipc.Queues;
using Samovar.Ipc.Shared;

namespace Samovar.Ipc;

/// <summary>How a <see cref="ProcessQueue{T}"/> is made.</summary>
public sealed record ProcessQueueOptions
{
    /// <summary>How many items each process may have put that nobody has taken yet; 1 to 16,777,216. Default 1,024.</summary>
    public int Capacity { get; init; } = 1024;

    /// <summary>What putting does where that many wait. Default <see cref="ProcessQueueFullMode.Wait"/>.</summary>
    public ProcessQueueFullMode FullMode { get; init; }

    /// <summary>Under which other processes of this user find it: up to 100 letters, digits, '-', '_', '.'. Default null: it has none.</summary>
    public string? Name { get; init; }

    /// <summary>How many processes may have the queue at once; 1 to 4,096. Default 64. Each has address space set aside, and memory only
    /// when it has put.</summary>
    public int MaxProcesses { get; init; } = 64;

    /// <summary>Whether takers say when they have done what they took, so that it can be waited for. Default false.</summary>
    public bool TrackCompletion { get; init; }

    /// <summary>Bytes in which the items of one process lie, for types that are not moved as bytes; 4,096 to 1 GiB, rounded up to a power of two.
    /// Default 1 MiB. An item of more than half of it lies beside them, up to 2 GiB.</summary>
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
            throw new ArgumentOutOfRangeException(nameof(FullMode), FullMode, "There is no such mode.");
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
