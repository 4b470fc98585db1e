using System.Runtime.CompilerServices;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Serialization.Platform;
using Samovar.Serialization.Types;

namespace Samovar.Ipc.Queues;

/// <summary>What a queue knows about the type of its items.</summary>
internal static class QueueItems<T>
{
    /// <summary>Whether items are copied as raw bytes.</summary>
    public static readonly bool IsRaw = !RuntimeHelpers.IsReferenceOrContainsReferences<T>() && Blittable.Is(typeof(T));

    /// <summary>The format of a queue.</summary>
    public static SharedFormat Format { get; } = FormatOf(SharedKind.Queue);

    /// <summary>The format of one direction of a pipe.</summary>
    public static SharedFormat PipeFormat { get; } = FormatOf(SharedKind.Pipe);

    /// <summary>The format of a queue that this program creates or opens.</summary>
    /// <exception cref="PlatformNotSupportedException">The items must be serialized, which this program cannot do.</exception>
    public static SharedFormat SupportedFormat
    {
        get
        {
            RequireSupport();
            return Format;
        }
    }

    /// <summary>The format of one direction of a pipe that this program creates.</summary>
    /// <exception cref="PlatformNotSupportedException">The items must be serialized, which this program cannot do.</exception>
    public static SharedFormat SupportedPipeFormat
    {
        get
        {
            RequireSupport();
            return PipeFormat;
        }
    }

    // Raw bytes, text and byte arrays need no serializer.
    private static void RequireSupport()
    {
        if (!IsRaw && typeof(T) != typeof(string) && typeof(T) != typeof(byte[])) WholeProgram.Require();
    }

    private static SharedFormat FormatOf(SharedKind kind) =>
        new SharedFormat { Kind = kind, ElementSize = IsRaw ? Unsafe.SizeOf<T>() : 0 }.WithElement(typeof(T));
}
