using System.Globalization;

namespace Samovar.Tests.Ipc.Shared;

/// <summary>Names of shared objects that no other run of the tests on this machine uses, and a look at what is left of them.</summary>
internal static class OwnNames
{
    private static readonly string s_mark = string.Create(CultureInfo.InvariantCulture, $"-of-{Environment.ProcessId}");

    public static string Own(string name) => name + s_mark;

    /// <summary>The files by which a name is found.</summary>
    public static string[] Entries(string name) => Directory.GetFiles("/dev/shm", $"{name}~*", SearchOption.AllDirectories);

    public static void ShouldHaveGone() =>
        Directory.GetFileSystemEntries("/dev/shm", "*", SearchOption.AllDirectories).Where(static e => e.Contains(s_mark, StringComparison.Ordinal)).ShouldBeEmpty();
}
