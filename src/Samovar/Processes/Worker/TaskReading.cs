using System.Reflection;
using System.Runtime.CompilerServices;
using Samovar.Ipc.Shared;
using Samovar.Processes.Protocol;
using Samovar.Serialization;
using Samovar.Serialization.Wire;

namespace Samovar.Processes.Worker;

/// <summary>Deserializes the work that an executor has sent. User code that runs inside of these methods belongs to an initializer, a codec, or a
/// comparer of keys: <see cref="CurrentWorker.ThrowIfInitializing"/> looks for their frames.</summary>
/// <remarks>These methods do nothing else, so that running work has none of these frames on its stack. They are not inlined, and do something after
/// their call, so that optimized code keeps the frame.</remarks>
internal static class TaskReading
{
    /// <summary>Reads the work of a task, or work that tasks share; the arguments are those of the reader.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Delegate Read(ShippingReader reader, ReadOnlySpan<byte> message, LiveConnector? connector, object[] known, KeptObjects wanted, out object[] objects) =>
        reader.Read<Delegate>(message, connector, known, wanted, out objects) ?? throw new ShippingFormatException("A task came without its delegate.");

    /// <summary>Reads the work of a task, with its method; null if the work is an object that was read before.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Delegate Read(ShippingReader reader, ReadOnlySpan<byte> message, LiveConnector? connector, object[] known, out MethodInfo? method) =>
        reader.Read<Delegate>(message, connector, known, KeptObjects.None, out _, out method) ?? throw new ShippingFormatException("A task came without its delegate.");

    /// <summary>Reads the initializer of a pool's workers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Action ReadInitializer(ShippingReader reader, ReadOnlySpan<byte> message) =>
        reader.Read<Action>(message, InFlightHandles.None) ?? throw new ShippingFormatException("A worker's initializer came without its delegate.");

    /// <summary>Reads the exit hook of a pool's workers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Func<object?> ReadExitHook(ShippingReader reader, ReadOnlySpan<byte> message) =>
        reader.Read<Func<object?>>(message, InFlightHandles.None) ?? throw new ShippingFormatException("A worker's exit hook came without its delegate.");
}
