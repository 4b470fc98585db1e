using Samovar.Diagnostics.Inspection;

namespace Samovar.Ipc.Shared;

/// <summary>The shared objects that this process has open, from the point of view of an observer.</summary>
internal static class RegionInspection
{
    /// <summary>Returns what queues, locks and the like are now; not what is only memory.</summary>
    public static List<PrimitiveActivity> Capture(int most)
    {
        List<PrimitiveActivity> captured = [];
        foreach (var region in SharedRegion.Open(most))
        {
            if (region.StateOrNull is IInspectedPrimitive primitive) captured.Add(primitive.CapturePrimitive());
            GC.KeepAlive(region); // what is captured is in its memory
        }

        return captured;
    }
}
