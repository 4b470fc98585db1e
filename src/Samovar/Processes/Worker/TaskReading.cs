using System.Runtime.CompilerServices;
using Samovar.Ipc.Shared;
using Samovar.Processes.Protocol;
using Samovar.Serialization;
using Samovar.Serialization.Wire;

namespace Samovar.Processes.Worker;

/// <summary>Reads the work that an executor has sent. What user code runs inside of these methods belongs to an initializer, or to a codec or a comparer of
/// keys: <see cref="CurrentWorker.ThrowIfInitializing"/> looks for their frames.</summary>
/// <remarks>Nothing else is done here, so that work that runs has none of these frames. Each method is kept apart from its caller, and does something after its call, so
/// that optimized code leaves its frame.</remarks>
internal static class TaskReading
{
    /// <summary>Reads a task's work, or work that tasks share; the arguments are those of the reader.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Delegate Read(ShippingReader reader, ReadOnlySpan<byte> message, LiveConnector? connector, object[] known, KeptObjects wanted, out object[] objects) =>
        reader.Read<Delegate>(message, connector, known, wanted, out objects) ?? throw new ShippingFormatException("A task came without its delegate.");

    /// <summary>Reads the initializer of a pool's workers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Action ReadInitializer(ShippingReader reader, ReadOnlySpan<byte> message) =>
        reader.Read<Action>(message, InFlightHandles.None) ?? throw new ShippingFormatException("A worker's initializer came without its delegate.");
}
