namespace Samovar.Diagnostics.Inspection;

/// <summary>The executors of this process, for inspection from outside. Holds weak references only.</summary>
internal static class ExecutorRegistry
{
    private const int Few = 16;

    private static readonly Lock s_gate = new();
    private static readonly List<WeakReference<InspectedExecutor>> s_executors = []; // oldest first
    private static int s_room = Few;
    private static Func<SnapshotRequest, TaskTreeNode?>? s_more;

    /// <summary>Adds an executor that was created.</summary>
    public static void Add(InspectedExecutor host)
    {
        lock (s_gate)
        {
            if (s_executors.Count >= s_room)
            {
                s_executors.RemoveAll(static kept => !kept.TryGetTarget(out var target) || target.IsOver);
                s_room = Math.Max(Few, s_executors.Count * 2);
            }

            s_executors.Add(new WeakReference<InspectedExecutor>(host));
        }
    }

    /// <summary>Sets the source of an additional node that does not belong to an executor. Called once.</summary>
    public static void Also(Func<SnapshotRequest, TaskTreeNode?> more)
    {
        lock (s_gate) s_more = more;
    }

    /// <summary>Returns the executors that have not stopped, the oldest first.</summary>
    public static List<InspectedExecutor> Running()
    {
        List<InspectedExecutor> executors = [];
        lock (s_gate)
        {
            foreach (var kept in s_executors)
            {
                if (kept.TryGetTarget(out var host) && !host.IsOver) executors.Add(host);
            }
        }

        return executors;
    }

    /// <summary>Returns snapshots of all executors that have not stopped. May be called on any thread, whatever the other threads
    /// do.</summary>
    public static List<TaskTreeNode> Show(SnapshotRequest request)
    {
        var executors = Running();
        Func<SnapshotRequest, TaskTreeNode?>? more;
        lock (s_gate) more = s_more;
        var asked = executors.ConvertAll(host => host.CaptureSnapshot(request)); // all requests are sent before the first result is awaited
        var snapshots = asked.ConvertAll(static snapshot => snapshot());
        if (more?.Invoke(request) is { } rest) snapshots.Add(rest);
        return snapshots;
    }
}
