using System.Globalization;
using System.Runtime.Versioning;
using Samovar.Ipc.Platform;

namespace Samovar.Tests.Processes.Faults;

/// <summary>What this process holds before a test, and must hold again after it: children, descriptors, files.</summary>
[SupportedOSPlatform("linux")]
internal sealed class Leftovers
{
    private static bool s_isWarm; // tests of the collection run one after the other

    private readonly HashSet<int> _children = [.. Children()];
    private readonly List<string> _descriptors = Descriptors();
    private readonly HashSet<string> _files = [.. Files()];

    private Leftovers()
    {
    }

    /// <summary>Takes stock, after a first executor has had the runtime open what it keeps.</summary>
    public static async Task<Leftovers> BeforeAsync()
    {
        if (!s_isWarm) await WarmUpAsync();
        s_isWarm = true;
        return new Leftovers();
    }

    /// <summary>Waits until nothing is left; what stays fails the test by name.</summary>
    public async Task ShouldBeNoneAsync()
    {
        long began = TimeProvider.System.GetTimestamp();
        while (Describe() is { Length: > 0 } left)
        {
            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(TestTimeout.Wait, left);
            await GcAssert.CollectUntilAsync(static () => true);
        }
    }

    /// <summary>Processes whose parent is this one, including those that have not been reaped.</summary>
    public static IEnumerable<int> Children()
    {
        foreach (string directory in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out int id)) continue;
            if (ParentOf(id) == Environment.ProcessId) yield return id;
        }
    }

    private static int ParentOf(int id)
    {
        try
        {
            string status = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(status[(status.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // it has gone meanwhile
        }
    }

    /// <summary>What descriptors stand for; not the program's own files, which the runtime opens when it first describes a stack.</summary>
    private static List<string> Descriptors() =>
        [
            .. Directory.GetFileSystemEntries("/proc/self/fd").Select(static d => new FileInfo(d).LinkTarget ?? "")
                .Where(static t => t.Length > 0 && !t.EndsWith(".pdb", StringComparison.Ordinal) && !t.EndsWith(".dll", StringComparison.Ordinal)),
        ];

    private static string[] Files() => [.. ProcessTrace.FilesOf(Environment.ProcessId).Where(static f => f.Contains("samovar", StringComparison.Ordinal))];

    private static async Task WarmUpAsync()
    {
        PeerWatch.Of(ChannelKind.Linux).Watch(ProcessIdentity.Own, static () => { }).Dispose(); // its thread and event stay
        foreach (var channel in (ChannelKind[])[ChannelKind.Linux, ChannelKind.Portable])
        {
            await using var pool = new ProcessExecutor(PoolUnderTest.Options() with { Channel = channel });
            await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => pool.Submit(static () => 1).AsTask()));
        }
    }

    private string Describe()
    {
        int[] children = [.. Children().Where(c => !_children.Contains(c))];
        string[] files = [.. Files().Where(f => !_files.Contains(f))];
        var descriptors = Descriptors();
        int more = descriptors.Count - _descriptors.Count;
        return (children.Length > 0 ? $"children {string.Join(' ', children)} " : "") + (files.Length > 0 ? $"files {string.Join(' ', files)} " : "") +
            (more > 0 ? $"{more} more descriptors: {string.Join(' ', More(descriptors))}" : "");
    }

    // Several descriptors may stand for things of one name.
    private IEnumerable<string> More(List<string> descriptors) =>
        descriptors.CountBy(static d => d).Where(d => d.Value > _descriptors.Count(b => b == d.Key)).Select(static d => d.Key);
}
