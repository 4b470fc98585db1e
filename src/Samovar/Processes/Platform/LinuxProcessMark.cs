using System.Runtime.Versioning;
using static Samovar.Processes.Platform.LinuxProcessCalls;

namespace Samovar.Processes.Platform;

// A mark that a process passes on to everything that it starts.
//
// The mark is the soft limit RLIMIT_LOCKS. Linux has not enforced this limit since 2.4.25, but each process has one: fork copies it, exec keeps it, and
// every process of the same user may read it (prlimit). Unlike a parent, a group or a variable it does not change when a process between the two
// exits, when a shell creates groups, or when a program cleans its environment. A worker gets a random number that no other worker has, immediately
// after its start and long before it runs work. A process with a session of its own is a daemon, and not found: it asked to survive.
//
// A session of the worker's own would also serve. But Linux schedules each session as one unit (autogroup), and a wake-up from one unit to another is
// slow: round trips to workers with a session of their own took 1.6 times as long (docs/explanation/decisions/0102).

/// <summary>Marks a process and all that it will start, and finds them.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe class LinuxProcessMark
{
    /// <summary>The mark of processes that could not be marked; it finds none.</summary>
    public const ulong None = 0;

    private const int LimitOfLocks = 10; // RLIMIT_LOCKS, on all architectures
    private const long Smallest = 1L << 40; // no one sets such a limit

    /// <summary>Marks a process that this process has just started.</summary>
    /// <returns>The mark, which is unique; <see cref="None"/> if the system does not permit it.</returns>
    public static ulong Put(int processId)
    {
        ResourceLimit limit;
        if (prlimit(processId, LimitOfLocks, null, &limit) != 0) return None;
        ulong mark = (ulong)Random.Shared.NextInt64(Smallest, long.MaxValue);
        limit.Current = mark;
        return limit.Most >= mark && prlimit(processId, LimitOfLocks, &limit, null) == 0 ? mark : None;
    }

    /// <summary>Returns the processes with the mark of a process, except for itself and for those that have left its session.</summary>
    /// <param name="mark">The mark, from <see cref="Put"/>.</param>
    /// <param name="root">The marked process, which may have exited and must not be reaped yet.</param>
    public static List<int> Find(ulong mark, int root)
    {
        List<int> found = [];
        if (mark == None) return found;
        int session = getsid(root);
        foreach (int process in LinuxProcessTree.All())
        {
            ResourceLimit limit;
            if (process != root && getsid(process) == session && prlimit(process, LimitOfLocks, null, &limit) == 0 && limit.Current == mark)
                found.Add(process);
        }

        return found;
    }
}
