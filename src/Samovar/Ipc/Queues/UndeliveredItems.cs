using Samovar.Ipc.Shared;
using Samovar.Primitives;

namespace Samovar.Ipc.Queues;

/// <summary>Holds the handles of items that this process has put into queues that it has closed since, until the items are taken or the process
/// exits.</summary>
internal static class UndeliveredItems
{
    private static readonly Lock s_gate = new();
    private static readonly List<(SharedRegion Region, RetainedHandles Handles)> s_rings = [];

    /// <summary>The number of rings with handles.</summary>
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
            if (!handles.ReleaseTaken()) s_rings.Add((region, handles)); // this keeps the ring's memory mapped
        }
    }

    private static void SweepLocked() => s_rings.RemoveAll(static l => l.Handles.ReleaseTaken());
}
