using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;

namespace Samovar.Tests.Ipc.Locks;

/// <summary>The ways of sharing memory on which each kind is tested.</summary>
internal static class LockKinds
{
    public static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(5);

    public static TheoryData<string> Platforms => [nameof(ChannelKind.Linux), nameof(ChannelKind.Portable)];

    public static SharedStore Store(string platform) => SharedStore.Of(Enum.Parse<ChannelKind>(platform));

    /// <summary>Kills this process as the system would.</summary>
    public static void Die() => System.Diagnostics.Process.GetCurrentProcess().Kill();

    /// <summary>Whether this process, the maker, has announced a sleep in the line at the word of a ticket.</summary>
    public static unsafe bool SleepsInLine(SharedReference reference, int ticket) =>
        (Volatile.Read(ref *((uint*)(reference.Region.ProcessSlots + 32) + (ticket % 4))) & 1) == 1;

    /// <summary>Gets whether a waiter has announced a sleep at a broadcast.</summary>
    public static unsafe bool SleepsAtBroadcast(SharedReference reference) => (Volatile.Read(ref *(uint*)(reference.Region.Data + 128)) & 1) == 1;

    /// <summary>A lock stays mapped until it is collected, so that who is in an operation of it ends well.</summary>
    public static async Task CollectAsync() => await GcAssert.CollectUntilAsync(
        static () => !File.ReadLines("/proc/self/maps").Any(static l => l.Contains("/dev/shm/samovar.", StringComparison.Ordinal)));
}
