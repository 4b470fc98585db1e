namespace Samovar.Diagnostics.Inspection;

/// <summary>The queues, locks and other objects for coordination of this process, for inspection from outside. Refers weakly to those that are added;
/// those that are shared between processes are listed elsewhere already. An operation on an object costs nothing more.</summary>
internal static class PrimitiveRegistry
{
    /// <summary>How many objects are kept.</summary>
    public const int Most = 1_024;

    private const int Few = 64;

    private static readonly Lock s_gate = new();
    private static readonly List<(long Id, WeakReference<IInspectedPrimitive> Primitive)> s_primitives = []; // gate; oldest first
    private static int s_room = Few; // gate
    private static long s_omitted; // gate
    private static long s_created; // gate
    private static Func<int, List<PrimitiveActivity>>? s_shared; // Volatile

    /// <summary>How many objects are not kept any more because there were too many.</summary>
    public static long Omitted
    {
        get
        {
            lock (s_gate) return s_omitted;
        }
    }

    /// <summary>Adds an object that was created, if it has a name: only then can a reader tell which it is.</summary>
    public static void Add(IInspectedPrimitive primitive, string? name)
    {
        if (name is null) return;
        lock (s_gate)
        {
            if (s_primitives.Count >= s_room)
            {
                s_primitives.RemoveAll(static kept => !kept.Primitive.TryGetTarget(out _));
                s_room = Math.Clamp(s_primitives.Count * 2, Few, Most);
                if (s_primitives.Count >= Most)
                {
                    s_primitives.RemoveRange(0, Most / 2); // the oldest
                    s_omitted += Most / 2;
                }
            }

            s_primitives.Add((++s_created, new WeakReference<IInspectedPrimitive>(primitive)));
        }
    }

    /// <summary>Sets the source of the objects that are shared between processes: its argument is the maximum number.</summary>
    public static void SetShared(Func<int, List<PrimitiveActivity>> shared) => Volatile.Write(ref s_shared, shared);

    /// <summary>Returns what the objects are like now, at most <see cref="Most"/> of each origin.</summary>
    public static List<PrimitiveActivity> Capture()
    {
        List<(long Id, IInspectedPrimitive Primitive)> primitives = [];
        lock (s_gate)
        {
            foreach (var (id, kept) in s_primitives)
            {
                if (kept.TryGetTarget(out var primitive)) primitives.Add((id, primitive));
            }
        }

        var captured = primitives.ConvertAll(static one => one.Primitive.CapturePrimitive() with { Id = one.Id });
        if (Volatile.Read(ref s_shared) is { } shared) captured.AddRange(shared(Most));
        return captured;
    }
}
