using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Samovar.Processes.Platform;

namespace Samovar.Tests.Processes;

/// <summary>Holds a process by its pidfd and reports when it has exited, whichever process reaps it.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class ProcessTrace : IDisposable
{
    // Of earlier processes with the same ids: a runtime that was killed leaves its diagnostics socket, and ids come round.
    private static readonly HashSet<string> s_before = [.. FilesLike("*")];

    private readonly int _pidfd;

    public ProcessTrace(int processId)
    {
        Id = processId;
        _pidfd = LinuxProcessCalls.OpenPidfd(processId);
        _pidfd.ShouldBeGreaterThan(0, $"process {processId} should be there");
    }

    public int Id { get; }

    public bool EndsWithin(TimeSpan time)
    {
        var entry = new LinuxProcessCalls.PollEntry { Descriptor = _pidfd, Wanted = LinuxProcessCalls.PollIn };
        long start = Stopwatch.GetTimestamp();
        TimeSpan left = time;
        int found;
        while ((found = LinuxProcessCalls.poll(&entry, 1, Math.Max(0, (int)left.TotalMilliseconds))) < 0)
            left = time - Stopwatch.GetElapsedTime(start); // a signal interrupted it, such as the SIGCHLD of a parent that was killed
        return found == 1;
    }

    public void Dispose() => _ = LinuxProcessCalls.close(_pidfd);

    /// <summary>Files that a process or its runtime would leave: segments, sockets, diagnostics.</summary>
    public static string[] FilesOf(int processId)
    {
        string id = processId.ToString(CultureInfo.InvariantCulture);
        return [.. FilesLike(id).Where(f => !s_before.Contains(f))];
    }

    private static string[] FilesLike(string id) =>
        [
            .. Directory.GetFiles("/dev/shm", $"samovar-{id}-*"),
            .. Directory.GetFiles("/dev/shm", $"samovar-postmortem-{id}-*"),
            .. Directory.GetFiles(Path.GetTempPath(), $"samovar-{id}-*"),
            .. Directory.GetFiles(Path.GetTempPath(), $"dotnet-diagnostic-{id}-*"),
            .. Directory.GetFiles(Path.GetTempPath(), $"clr-debug-pipe-{id}-*"),
        ];
}
