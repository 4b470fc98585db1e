using Samovar.Ipc.Shared;
using Samovar.Primitives;

namespace Samovar.Ipc.Queues;

/// <summary>What a process holds for items that it has put into a queue, when it closes the queue before they were taken. It goes on to hold
/// it until they were, or the process ends.</summary>
internal static class QueueLeftBehind
{
    private static readonly Lock s_gate = new();
    private static readonly List<(SharedRegion Region, RetainedHandles Handles)> s_lanes = [];

    /// <summary>Lanes that something is held for.</summary>
    public static int Count
    {
        get
        {
            lock (s_gate)
            {
                SweepUnderGate();
                return s_lanes.Count;
            }
        }
    }

    public static void Add(SharedRegion region, RetainedHandles handles)
    {
        using (s_gate.HoldRegardless())
        {
            SweepUnderGate();
            if (!handles.ReleaseTaken())
                s_lanes.Add((region, handles)); // which keeps its memory mapped
        }
    }

    private static void SweepUnderGate() => s_lanes.RemoveAll(static l => l.Handles.ReleaseTaken());
}
