using System.Globalization;
using System.Runtime.Versioning;
using static Samovar.Processes.Platform.LinuxProcessCalls;

namespace Samovar.Processes.Platform;

/// <summary>Sends signals to a process, to its group, and to processes that have left the group: its descendants, and processes with its mark
/// (<see cref="LinuxProcessMark"/>), whose parents may have exited.</summary>
[SupportedOSPlatform("linux")]
internal static class LinuxProcessTree
{
    // Each round finds processes that were created before the previous one was stopped. If a tree still grows after this many rounds, only the
    // known processes are signalled. Stopped processes create no children, so two rounds usually suffice.
    private const int MostRounds = 10;

    /// <summary>Sends a signal to all current processes of the tree.</summary>
    public static void Signal(int root, ulong mark, int signal)
    {
        List<int> others = Below(root, mark);
        _ = kill(-root, signal);
        foreach (int descendant in others) _ = kill(descendant, signal);
    }

    /// <summary>Stops the tree, so that it cannot grow, then kills it.</summary>
    public static void Kill(int root, ulong mark)
    {
        _ = kill(-root, SigStop);
        var stopped = new HashSet<int>();
        for (int round = 0; round < MostRounds; round++)
        {
            bool found = false;
            foreach (int descendant in Below(root, mark))
            {
                if (stopped.Add(descendant))
                {
                    found = true;
                    _ = kill(descendant, SigStop);
                }
            }

            if (!found) break;
        }

        // The order does not matter: none of them can run any more.
        _ = kill(-root, SigKill);
        foreach (int descendant in stopped) _ = kill(descendant, SigKill);
    }

    /// <summary>Kills what a process that has exited, and is not reaped yet, left behind.</summary>
    public static void KillMarked(ulong mark, int root)
    {
        var killed = new HashSet<int>();
        for (int round = 0; round < MostRounds; round++)
        {
            bool found = false;
            foreach (int process in LinuxProcessMark.Find(mark, root))
            {
                if (killed.Add(process))
                {
                    found = true;
                    _ = kill(process, SigKill);
                }
            }

            if (!found) break; // usually in the first round, which costs one listing of /proc and a system call for each process
        }
    }

    /// <summary>Returns all descendants of <paramref name="root"/>, according to the parents in /proc.</summary>
    public static List<int> Descendants(int root)
    {
        var children = new Dictionary<int, List<int>>();
        foreach (int process in All())
        {
            if (ParentOf(process) is not { } parent) continue;
            if (!children.TryGetValue(parent, out List<int>? siblings)) children[parent] = siblings = [];
            siblings.Add(process);
        }

        var found = new List<int>();
        var open = new Stack<int>([root]);
        while (open.TryPop(out int process))
        {
            foreach (int child in children.GetValueOrDefault(process, []))
            {
                found.Add(child);
                open.Push(child);
            }
        }

        return found;
    }

    private static List<int> Below(int root, ulong mark) => [.. Descendants(root).Union(LinuxProcessMark.Find(mark, root))];

    /// <summary>Returns the ids of all processes; none if /proc cannot be listed.</summary>
    public static List<int> All()
    {
        List<int> all = [];
        try
        {
            foreach (string directory in Directory.EnumerateDirectories("/proc"))
            {
                if (int.TryParse(Path.GetFileName(directory.AsSpan()), CultureInfo.InvariantCulture, out int process)) all.Add(process);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No descriptor is left for the listing: the group is signalled nevertheless.
        }

        return all;
    }

    private static int? ParentOf(int process)
    {
        try
        {
            // "pid (name) state ppid …"; the name may contain anything, so count from the last parenthesis.
            string text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ', 3);
            return int.Parse(fields[1], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // the process has exited since /proc was listed
        }
    }
}
