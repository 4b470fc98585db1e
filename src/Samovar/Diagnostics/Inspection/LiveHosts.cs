namespace Samovar.Diagnostics.Inspection;

/// <summary>The executors of this process, for who looks at it from outside. It keeps none of them alive.</summary>
internal static class LiveHosts
{
    private const int Few = 16;

    private static readonly Lock s_gate = new();
    private static readonly List<WeakReference<InspectedExecutor>> s_hosts = []; // oldest first
    private static int s_room = Few;
    private static Func<PictureRequest, TaskTreeNode?>? s_more;
    private static int s_isOpen;

    /// <summary>An executor was built.</summary>
    public static void Add(InspectedExecutor host)
    {
        lock (s_gate)
        {
            if (s_hosts.Count >= s_room)
            {
                s_hosts.RemoveAll(static kept => !kept.TryGetTarget(out var target) || target.IsOver);
                s_room = Math.Max(Few, s_hosts.Count * 2);
            }

            s_hosts.Add(new WeakReference<InspectedExecutor>(host));
        }

        OpenOnce();
    }

    /// <summary>There is more to show, which is no executor's. Set once.</summary>
    public static void Also(Func<PictureRequest, TaskTreeNode?> more)
    {
        lock (s_gate) s_more = more;
        OpenOnce();
    }

    /// <summary>Pictures of all that have not ended. From any thread, whatever the others do.</summary>
    public static List<TaskTreeNode> Show(PictureRequest request)
    {
        List<InspectedExecutor> hosts = [];
        Func<PictureRequest, TaskTreeNode?>? more;
        lock (s_gate)
        {
            foreach (var kept in s_hosts)
            {
                if (kept.TryGetTarget(out var host) && !host.IsOver) hosts.Add(host);
            }

            more = s_more;
        }

        var asked = hosts.ConvertAll(host => host.AskPicture(request)); // all are asked before one is waited for
        var pictures = asked.ConvertAll(static picture => picture());
        if (more?.Invoke(request) is { } rest) pictures.Add(rest);
        return pictures;
    }

    private static void OpenOnce()
    {
        // Some milliseconds, which nobody has to wait for.
        if (Interlocked.Exchange(ref s_isOpen, 1) == 0) ThreadPool.UnsafeQueueUserWorkItem(static _ => InspectionSource.Open(), null);
    }
}
