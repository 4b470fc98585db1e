using System.Globalization;
using System.Runtime.Versioning;
using static Samovar.Processes.Platform.LinuxProcessCalls;

namespace Samovar.Processes.Platform;

/// <summary>Signals to a process that leads a session, its group, and what has left the group: its descendants, and others of the session, whose parents may have ended.</summary>
[SupportedOSPlatform("linux")]
internal static class LinuxProcessTree
{
    // Each round finds what was born before the last one was stopped; a tree that is still growing after this many is given up on
    // with what is known of it. Stopped processes have no children, so two rounds are the rule.
    private const int MostRounds = 10;

    /// <summary>To all that are there now.</summary>
    public static void Signal(int root, int signal)
    {
        List<int> others = Below(root);
        _ = kill(-root, signal);
        foreach (int descendant in others) _ = kill(descendant, signal);
    }

    /// <summary>Stops the tree, so that it cannot grow, then ends it.</summary>
    public static void Kill(int root)
    {
        _ = kill(-root, SigStop);
        var stopped = new HashSet<int>();
        for (int round = 0; round < MostRounds; round++)
        {
            bool found = false;
            foreach (int descendant in Below(root))
            {
                if (stopped.Add(descendant))
                {
                    found = true;
                    _ = kill(descendant, SigStop);
                }
            }

            if (!found) break;
        }

        // From the leaves' side it makes no difference: none of them can run any more.
        _ = kill(-root, SigKill);
        foreach (int descendant in stopped) _ = kill(descendant, SigKill);
    }

    /// <summary>Ends what is left of a session whose leader has ended. Before the leader is reaped: until then its id is no other session's.</summary>
    public static void KillSession(int leader)
    {
        var killed = new HashSet<int>();
        for (int round = 0; round < MostRounds; round++)
        {
            bool found = false;
            foreach (int process in OfSession(leader))
            {
                if (killed.Add(process))
                {
                    found = true;
                    _ = kill(process, SigKill);
                }
            }

            if (!found) break; // as a rule in the first round, which costs one list of /proc and a system call for each process
        }
    }

    /// <summary>All processes below <paramref name="root"/>, by their parents as /proc shows them.</summary>
    public static List<int> Descendants(int root)
    {
        var children = new Dictionary<int, List<int>>();
        foreach (string directory in Listed())
        {
            if (int.TryParse(Path.GetFileName(directory.AsSpan()), CultureInfo.InvariantCulture, out int process) && ParentOf(directory) is { } parent)
            {
                if (!children.TryGetValue(parent, out List<int>? siblings)) children[parent] = siblings = [];
                siblings.Add(process);
            }
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

    private static List<int> Below(int root) => [.. Descendants(root).Union(OfSession(root))];

    private static List<int> OfSession(int leader)
    {
        List<int> found = [];
        foreach (string directory in Listed())
        {
            if (int.TryParse(Path.GetFileName(directory.AsSpan()), CultureInfo.InvariantCulture, out int process) && process != leader && getsid(process) == leader)
                found.Add(process);
        }

        return found;
    }

    /// <summary>The directories in /proc; none where they cannot be listed.</summary>
    private static string[] Listed()
    {
        try
        {
            return Directory.GetDirectories("/proc");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // no descriptor is left to list it with: the group is signalled all the same
        }
    }

    private static int? ParentOf(string directory)
    {
        try
        {
            // "pid (name) state ppid …"; the name may hold anything, so count from its last parenthesis.
            string text = File.ReadAllText(Path.Combine(directory, "stat"));
            string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ', 3);
            return int.Parse(fields[1], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // it has ended since the directory was listed
        }
    }
}
