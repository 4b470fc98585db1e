using System.Globalization;

namespace Samovar.Cli.Doctor.Hosts;

/// <summary>
/// The limits that the control groups of this process set; null where they set none. A limit applies to a group and all its descendants,
/// so each value is the smallest from the process's own group up to the mount.
/// Source: Linux, Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst; proc_pid_mountinfo(5).
/// </summary>
/// <param name="Cores">Processor time per second of real time, in cores.</param>
/// <param name="MemoryBytes">Memory in bytes.</param>
/// <param name="Processes">Number of processes and threads together.</param>
internal sealed record ControlGroup(double? Cores, long? MemoryBytes, long? Processes)
{
    // Version 1 writes "no limit" as the largest multiple of a page.
    private const long NoLimitV1 = 0x7FFF_FFFF_FFFF_0000;

    /// <summary>Reads the limits through <paramref name="read"/>, which returns a file's text, or null if the file cannot be read.</summary>
    public static ControlGroup Read(Func<string, string?> read)
    {
        var groups = Lines(read("/proc/self/cgroup"))
            .Select(line => line.Split(':', 3))
            .Where(parts => parts.Length == 3)
            .Select(parts => (Controllers: parts[1].Split(',', StringSplitOptions.RemoveEmptyEntries), Path: parts[2]))
            .ToList();
        List<Mount> mounts = [.. Lines(read("/proc/self/mountinfo")).Select(Mount.Parse).OfType<Mount>()];

        // A controller is either mounted as version 1 or belongs to the single tree of version 2.
        IReadOnlyList<string> Folders(string controller)
        {
            Mount? v1 = mounts.Find(m => m.Version == 1 && m.Options.Contains(controller));
            Mount? mount = v1 ?? mounts.Find(m => m.Version == 2);
            string? path = groups.Find(g => v1 is null ? g.Controllers.Length == 0 : g.Controllers.Contains(controller)).Path;
            return mount is null || path is null ? [] : mount.FoldersUpFrom(path);
        }

        T? Smallest<T>(string controller, Func<string, T?> limit) where T : struct =>
            Folders(controller).Select(limit).Min();

        return new(
            Smallest("cpu", folder => Quota(read, folder)),
            Smallest("memory", folder => Number(read($"{folder}/memory.max")) ?? Number(read($"{folder}/memory.limit_in_bytes"))),
            Smallest("pids", folder => Number(read($"{folder}/pids.max"))));
    }

    private static double? Quota(Func<string, string?> read, string folder)
    {
        string[] v2 = read($"{folder}/cpu.max")?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) ?? [];
        long? quota = v2.Length == 2 ? Number(v2[0]) : Number(read($"{folder}/cpu.cfs_quota_us"));
        long? period = v2.Length == 2 ? Number(v2[1]) : Number(read($"{folder}/cpu.cfs_period_us"));
        return quota / (double?)period;
    }

    // Version 2 writes "max" for no limit, version 1 writes -1.
    private static long? Number(string? text) =>
        long.TryParse(text?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value < NoLimitV1
            ? value
            : null;

    private static string[] Lines(string? text) => text?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>A mounted tree of control groups.</summary>
    /// <param name="Version">1 or 2.</param>
    /// <param name="Root">The group that is visible at <paramref name="Point"/>; in a container often not the topmost.</param>
    /// <param name="Point">The mount point.</param>
    /// <param name="Options">The mount options; for version 1, they contain its controllers.</param>
    private sealed record Mount(int Version, string Root, string Point, string[] Options)
    {
        // 36 35 98:0 /root /point rw,noatime [optional fields] - type source rw,options
        public static Mount? Parse(string line)
        {
            string[] halves = line.Split(" - ", 2);
            string[] before = halves[0].Split(' ');
            string[] after = halves.Length == 2 ? halves[1].Split(' ') : [];
            if (before.Length < 5 || after.Length < 3 || after[0] is not ("cgroup" or "cgroup2")) return null;

            return new(after[0] == "cgroup2" ? 2 : 1, before[3], before[4], after[2].Split(','));
        }

        public IReadOnlyList<string> FoldersUpFrom(string path)
        {
            // For a path outside the mounted part, or one that leaves the namespace, only the mount itself is searched.
            string below = Root == "/" ? path : path == Root || path.StartsWith(Root + "/", StringComparison.Ordinal) ? path[Root.Length..] : "";
            string[] steps = below.Contains("/..") ? [] : below.Split('/', StringSplitOptions.RemoveEmptyEntries);
            return [.. Enumerable.Range(0, steps.Length + 1).Select(count => string.Join('/', [Point, .. steps[..count]]))];
        }
    }
}
