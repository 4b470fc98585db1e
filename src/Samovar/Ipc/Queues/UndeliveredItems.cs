using Samovar.Ipc.Shared;
using Samovar.Primitives;

namespace Samovar.Ipc.Queues;

/// <summary>What a process holds for items that it has put into a queue, when it closes the queue before they were taken. It goes on to hold
/// it until they were, or the process ends.</summary>
internal static class UndeliveredItems
{
    private static readonly Lock s_gate = new();
    private static readonly List<(SharedRegion Region, RetainedHandles Handles)> s_rings = [];

    /// <summary>Rings that something is held for.</summary>
    public static int Count
    {
        get
        {
            lock (s_gate)
            {
                SweepLocked();
                return s_rings.Count;
            }
        }
    }

    public static void Add(SharedRegion region, RetainedHandles handles)
    {
        using (s_gate.HoldRegardless())
        {
            SweepLocked();
            if (!handles.ReleaseTaken()) s_rings.Add((region, handles)); // which keeps its memory mapped
        }
    }

    private static void SweepLocked() => s_rings.RemoveAll(static l => l.Handles.ReleaseTaken());
}
