using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Samovar.Cli.Doctor.Hosts;

/// <summary>Linux: probes features with system calls, and reads limits from the kernel's files.</summary>
internal sealed class LinuxHost : Host
{
    private readonly ControlGroup _group = ControlGroup.Read(TryRead);

    public override SystemFacts System() =>
        base.System() with { Kernel = $"Linux {TryRead("/proc/sys/kernel/osrelease")?.Trim() ?? "of unknown version"}" };

    public override CoreLimits Cores() => new(Environment.ProcessorCount, Affinity(), _group.Cores);

    public override MemoryLimits Memory()
    {
        var folder = new DriveInfo("/dev/shm");
        return new(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, _group.MemoryBytes,
            folder is { IsReady: true, DriveFormat: "tmpfs" } ? folder.TotalSize : null);
    }

    public override CountLimits Counts() =>
        new(Limit(LinuxCalls.RLIMIT_NOFILE), Limit(LinuxCalls.RLIMIT_NPROC), _group.Processes);

    public override IEnumerable<CheckResult> Probe() => [Memfd(), Futex(), Pidfd(), ProcessGroups()];

    public override unsafe double? MeasureWakeUp()
    {
        if (!LinuxCalls.KnowsFutex) return null;

        // The two words are two cache lines apart, so that a write on one side does not invalidate the line on which the other waits.
        const int Apart = 128 / sizeof(int);
        int* words = (int*)NativeMemory.AlignedAlloc(2 * Apart * sizeof(int), Apart * sizeof(int));
        try
        {
            words[0] = words[Apart] = 0;
            return WakeUp.Measure(
                (side, value) =>
                {
                    int* word = words + (side * Apart);
                    Volatile.Write(ref *word, value); // SYNC: step announced
                    _ = LinuxCalls.Futex(word, LinuxCalls.FUTEX_WAKE, 1, null);
                },
                (side, value) =>
                {
                    int* word = words + (side * Apart);
                    var patience = new LinuxCalls.Timespec { Seconds = 1 };
                    int seen;
                    while ((seen = Volatile.Read(ref *word)) != value) // SYNC: step announced
                    {
                        if (LinuxCalls.Futex(word, LinuxCalls.FUTEX_WAIT, seen, &patience) < 0
                            && Marshal.GetLastPInvokeError() is not (LinuxCalls.EAGAIN or LinuxCalls.EINTR))
                        {
                            return false;
                        }
                    }

                    return true;
                });
        }
        finally
        {
            NativeMemory.AlignedFree(words);
        }
    }

    private static CheckResult Memfd()
    {
        int descriptor = LinuxCalls.MemfdCreate("samovar-doctor", LinuxCalls.MFD_CLOEXEC);
        if (descriptor < 0) return CheckResult.Missing(Feature.Memfd, $"memfd_create: {LastError()}");

        using var memory = new SafeFileHandle(descriptor, ownsHandle: true);
        // A worker opens its segment by this path, so the path must work as well.
        string path = $"/proc/{Environment.ProcessId}/fd/{descriptor}";
        try
        {
            RandomAccess.Write(memory, [42], fileOffset: 0);
            using SafeFileHandle again = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            byte[] seen = new byte[1];
            return RandomAccess.Read(again, seen, fileOffset: 0) == 1 && seen[0] == 42
                ? CheckResult.Found(Feature.Memfd, "created, and reopened through /proc")
                : CheckResult.Missing(Feature.Memfd, $"{path} does not return the data that was written");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return CheckResult.Missing(Feature.Memfd, $"created, but {path} cannot be opened: {error.Message}");
        }
    }

    private static unsafe CheckResult Futex()
    {
        if (!LinuxCalls.KnowsFutex)
            return CheckResult.Missing(Feature.Futex, $"the system call number on {RuntimeInformation.ProcessArchitecture} is unknown");

        int word = 1;
        if (LinuxCalls.Futex(&word, LinuxCalls.FUTEX_WAKE, 1, null) < 0)
            return CheckResult.Missing(Feature.Futex, $"FUTEX_WAKE: {LastError()}");

        // The word is 1, so waiting while it is 0 must fail with EAGAIN.
        nint waited = LinuxCalls.Futex(&word, LinuxCalls.FUTEX_WAIT, 0, null);
        return waited < 0 && Marshal.GetLastPInvokeError() == LinuxCalls.EAGAIN
            ? CheckResult.Found(Feature.Futex, "FUTEX_WAKE and FUTEX_WAIT work")
            : CheckResult.Missing(Feature.Futex, $"FUTEX_WAIT on a changed word: {(waited < 0 ? LastError() : "succeeded, expected EAGAIN")}");
    }

    private static CheckResult Pidfd()
    {
        nint descriptor = LinuxCalls.PidfdOpen(Environment.ProcessId);
        if (descriptor < 0) return CheckResult.Missing(Feature.Pidfd, $"pidfd_open: {LastError()} (requires Linux 5.3 or later)");

        new SafeFileHandle(descriptor, ownsHandle: true).Dispose();
        return CheckResult.Found(Feature.Pidfd, "opened for this process");
    }

    private static CheckResult ProcessGroups()
    {
        int group = LinuxCalls.GetProcessGroup(0);
        if (group < 0) return CheckResult.Missing(Feature.ProcessGroups, $"getpgid: {LastError()}");
        if (group == 0) return CheckResult.Missing(Feature.ProcessGroups, "this process is in a group outside its namespace");

        // Signal 0 only checks whether the group can be signalled.
        return LinuxCalls.Kill(-group, 0) == 0
            ? CheckResult.Found(Feature.ProcessGroups, $"group {group} can be signalled")
            : CheckResult.Missing(Feature.ProcessGroups, $"kill(-{group}, 0): {LastError()}");
    }

    private static unsafe List<int>? Affinity()
    {
        const int Bytes = 8192 / 8; // more cores than any kernel is built for
        byte* mask = stackalloc byte[Bytes];
        new Span<byte>(mask, Bytes).Clear();
        if (LinuxCalls.SchedGetAffinity(0, Bytes, mask) < 0) return null;

        var cores = new List<int>();
        for (int core = 0; core < Bytes * 8; core++)
        {
            if ((mask[core / 8] & (1 << (core % 8))) != 0) cores.Add(core);
        }

        return cores;
    }

    private static ResourceLimit? Limit(int resource)
    {
        return LinuxCalls.GetRlimit(resource, out LinuxCalls.Rlimit limit) == 0
            ? new(Value(limit.Soft), Value(limit.Hard))
            : null;

        static long? Value(ulong raw) => raw > long.MaxValue ? null : (long)raw;
    }

    private static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // a limit that cannot be read is reported as unlimited
        }
    }

    private static string LastError() => new Win32Exception(Marshal.GetLastPInvokeError()).Message;
}
