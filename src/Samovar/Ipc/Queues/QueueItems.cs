using System.Runtime.CompilerServices;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Serialization.Types;

namespace Samovar.Ipc.Queues;

/// <summary>What a queue knows of the type of its items.</summary>
internal static class QueueItems<T>
{
    /// <summary>Whether they are moved as bytes.</summary>
    public static readonly bool IsRaw = !RuntimeHelpers.IsReferenceOrContainsReferences<T>() && Blittable.Is(typeof(T));

    /// <summary>A queue's.</summary>
    public static SharedFormat Format { get; } = FormatOf(SharedKind.Queue);

    /// <summary>That of one direction of a pipe.</summary>
    public static SharedFormat PipeFormat { get; } = FormatOf(SharedKind.Pipe);

    private static SharedFormat FormatOf(SharedKind kind) =>
        new SharedFormat { Kind = kind, ElementSize = IsRaw ? Unsafe.SizeOf<T>() : 0 }.WithElement(typeof(T));
}
