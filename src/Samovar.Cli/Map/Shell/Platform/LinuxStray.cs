using System.Globalization;
using System.Runtime.Versioning;
using Samovar.Processes.Platform;

namespace Samovar.Cli.Map.Shell.Platform;

/// <summary>A descendant of a command, which is still known when its parents have exited.</summary>
/// <param name="Id">The process id.</param>
/// <param name="Started">When it started, in the kernel's ticks: another process with the same id has another time.</param>
[SupportedOSPlatform("linux")]
internal readonly record struct LinuxStray(int Id, string Started)
{
    private const int StartField = 19; // counted from the state, which follows the name

    /// <summary>Returns the current descendants of a process.</summary>
    public static List<LinuxStray> Below(int root) =>
        [.. LinuxProcessTree.Descendants(root).Select(id => new LinuxStray(id, StartOf(id) ?? "")).Where(s => s.Started.Length > 0)];

    /// <summary>Sends SIGKILL if the process still exists.</summary>
    public void Kill()
    {
        if (StartOf(Id) == Started) _ = LinuxProcessCalls.kill(Id, LinuxProcessCalls.SigKill);
    }

    private static string? StartOf(int process)
    {
        try
        {
            string text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            return text[(text.LastIndexOf(')') + 2)..].Split(' ')[StartField]; // the name may contain anything
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // it has exited
        }
    }
}
