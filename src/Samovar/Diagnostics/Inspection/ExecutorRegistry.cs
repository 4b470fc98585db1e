namespace Samovar.Diagnostics.Inspection;

/// <summary>The executors of this process, for who looks at it from outside. It keeps none of them alive.</summary>
internal static class ExecutorRegistry
{
    private const int Few = 16;

    private static readonly Lock s_gate = new();
    private static readonly List<WeakReference<InspectedExecutor>> s_executors = []; // oldest first
    private static int s_room = Few;
    private static Func<SnapshotRequest, TaskTreeNode?>? s_more;
    private static int s_isOpen;

    /// <summary>An executor was built.</summary>
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

        OpenOnce();
    }

    /// <summary>There is more to show, which is no executor's. Set once.</summary>
    public static void Also(Func<SnapshotRequest, TaskTreeNode?> more)
    {
        lock (s_gate) s_more = more;
        OpenOnce();
    }

    /// <summary>Snapshots of all that have not ended. From any thread, whatever the others do.</summary>
    public static List<TaskTreeNode> Show(SnapshotRequest request)
    {
        List<InspectedExecutor> executors = [];
        Func<SnapshotRequest, TaskTreeNode?>? more;
        lock (s_gate)
        {
            foreach (var kept in s_executors)
            {
                if (kept.TryGetTarget(out var host) && !host.IsOver) executors.Add(host);
            }

            more = s_more;
        }

        var asked = executors.ConvertAll(host => host.CaptureSnapshot(request)); // all are asked before one is waited for
        var snapshots = asked.ConvertAll(static snapshot => snapshot());
        if (more?.Invoke(request) is { } rest) snapshots.Add(rest);
        return snapshots;
    }

    private static void OpenOnce()
    {
        // Some milliseconds, which nobody has to wait for.
        if (Interlocked.Exchange(ref s_isOpen, 1) == 0) ThreadPool.UnsafeQueueUserWorkItem(static _ => InspectionSource.Open(), null);
    }
}
