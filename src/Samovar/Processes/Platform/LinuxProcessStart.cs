using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Samovar.Ipc.Platform.Linux;
using static Samovar.Processes.Platform.LinuxProcessCalls;

namespace Samovar.Processes.Platform;

/// <summary>Starts processes with posix_spawn: in their own process group from the first instruction, with stdin from /dev/null and pipes for
/// stdout and stderr.</summary>
/// <remarks>
/// <see cref="System.Diagnostics.Process"/> is not used: it cannot set the group (a SIGINT between fork and setpgid would reach the worker),
/// reports a signal as 128 + number, changes terminal settings, and needs a thread-pool thread for each stream that it reads. The two do not
/// interfere: the runtime reaps only children that it has started itself, and this class reaps by pidfd.
/// </remarks>
[SupportedOSPlatform("linux")]
internal static unsafe class LinuxProcessStart
{
    // Larger than glibc's and musl's own types on every architecture (80 and 336 bytes).
    private const int OpaqueSize = 1024;

    private const int SignalSetSize = 128;
    private const int PriorityOfProcess = 0;

    // glibc 2.34 and later. Without it a worker inherits descriptors that native code opened without close-on-exec.
    private static readonly delegate* unmanaged<void*, int, int> s_closeFrom =
        NativeLibrary.TryLoad("libc.so.6", out nint library)
        && NativeLibrary.TryGetExport(library, "posix_spawn_file_actions_addclosefrom_np", out nint function)
            ? (delegate* unmanaged<void*, int, int>)function
            : null;

    public static LinuxWorkerProcess Start(ProcessStartSpec spec)
    {
        LinuxProcessWatch watch = LinuxProcessWatch.Instance; // first, so that no process is started that cannot be watched
        int* output = stackalloc int[2] { -1, -1 };
        int* errors = stackalloc int[2] { -1, -1 };
        try
        {
            if (pipe2(output, CloseOnExec) != 0 || pipe2(errors, CloseOnExec) != 0) throw LinuxMemory.Failure("pipe2");

            int processId = SpawnInPlace(spec, output[1], errors[1]);
            int pidfd = OpenPidfd(processId);
            if (pidfd < 0)
            {
                IOException failure = LinuxMemory.Failure("pidfd_open");
                GiveUp(processId);
                throw failure;
            }

            ulong mark = LinuxProcessMark.Put(processId);
            SetNiceness(processId, pidfd, spec);
            SetNonBlocking(output[0]);
            SetNonBlocking(errors[0]);
            long ownPeak = LinuxStatus.Read("VmHWM:") ?? long.MaxValue;
            var process = new LinuxWorkerProcess(spec, processId, pidfd, mark, output[0], errors[0], ownPeak);
            output[0] = errors[0] = -1;
            watch.Add(process);
            return process;
        }
        finally
        {
            CloseIfOpen(output[0]);
            CloseIfOpen(output[1]);
            CloseIfOpen(errors[0]);
            CloseIfOpen(errors[1]);
        }
    }

    private static int Spawn(ProcessStartSpec spec, int output, int errors)
    {
        byte* actions = stackalloc byte[OpaqueSize];
        byte* attributes = stackalloc byte[OpaqueSize];
        byte* noSignals = stackalloc byte[SignalSetSize];
        byte* brokenPipe = stackalloc byte[SignalSetSize];
        new Span<byte>(noSignals, SignalSetSize).Clear();
        new Span<byte>(brokenPipe, SignalSetSize).Clear();
        brokenPipe[1] = 1 << (13 - 9); // SIGPIPE, 13: bit 12. The runtime ignores it, and exec would preserve that

        using var strings = new NativeStrings();
        _ = posix_spawn_file_actions_init(actions);
        _ = posix_spawnattr_init(attributes);
        try
        {
            _ = posix_spawn_file_actions_addopen(actions, 0, strings.Add("/dev/null"), ReadOnly, 0);
            _ = posix_spawn_file_actions_adddup2(actions, output, 1);
            _ = posix_spawn_file_actions_adddup2(actions, errors, 2);
            if (s_closeFrom != null) _ = s_closeFrom(actions, 3);
            _ = posix_spawnattr_setflags(attributes, SpawnSetGroup | SpawnSetSignalMask | SpawnSetSignalDefault);
            _ = posix_spawnattr_setpgroup(attributes, 0);
            _ = posix_spawnattr_setsigmask(attributes, noSignals);
            _ = posix_spawnattr_setsigdefault(attributes, brokenPipe);

            byte** arguments = strings.AddArray([spec.FileName, .. spec.Arguments]);
            byte** environment = strings.AddArray(Lines(spec.Environment));
            int processId;
            int error = posix_spawn(&processId, strings.Add(spec.FileName), actions, attributes, arguments, environment);
            if (error != 0)
            {
                throw new IOException(
                    $"{spec.FileName} could not be started: {Marshal.GetPInvokeErrorMessage(error)} (errno {error}). Limits on processes " +
                    "(ulimit -u, pids.max) and on memory, or a file that is not executable, are possible causes.", new Win32Exception(error));
            }

            return processId;
        }
        finally
        {
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
        }
    }

    private static string[] Lines(IReadOnlyDictionary<string, string> environment)
    {
        string[] lines = new string[environment.Count];
        int count = 0;
        foreach (var (name, value) in environment) lines[count++] = $"{name}={value}";
        return lines;
    }

    // A process starts with the processors of the thread that starts it. Set from outside afterwards, they could come after the program has counted
    // its processors. This thread only starts processes, and gets its own processors back immediately.
    private static int SpawnInPlace(ProcessStartSpec spec, int output, int errors)
    {
        if (spec.ProcessorAffinity.Count == 0) return Spawn(spec, output, errors);

        byte* own = stackalloc byte[SignalSetSize];
        byte* mask = stackalloc byte[SignalSetSize];
        new Span<byte>(own, SignalSetSize).Clear();
        new Span<byte>(mask, SignalSetSize).Clear();
        foreach (int core in spec.ProcessorAffinity) mask[core / 8] |= (byte)(1 << (core % 8));
        if (sched_getaffinity(0, SignalSetSize, own) < 0 || sched_setaffinity(0, SignalSetSize, mask) != 0)
            throw LinuxMemory.Failure($"Setting processors {string.Join(", ", spec.ProcessorAffinity)} for a new process");
        try
        {
            return Spawn(spec, output, errors);
        }
        finally
        {
            _ = sched_setaffinity(0, SignalSetSize, own);
        }
    }

    /// <summary>Kills a process that will not be watched, and reaps it.</summary>
    private static void GiveUp(int processId)
    {
        _ = kill(-processId, SigKill);
        while (waitpid(processId, null, 0) < 0 && Marshal.GetLastPInvokeError() == Eintr) continue;
    }

    private static void SetNiceness(int processId, int pidfd, ProcessStartSpec spec)
    {
        if (spec.Niceness == 0
            || setpriority(PriorityOfProcess, processId, Math.Clamp(getpriority(PriorityOfProcess, 0) + spec.Niceness, -20, 19)) == 0)
        {
            return;
        }

        IOException failure = LinuxMemory.Failure($"Setting niceness {spec.Niceness} of a new process");
        GiveUp(processId);
        _ = close(pidfd);
        throw failure;
    }

    private static void SetNonBlocking(int descriptor) => _ = fcntl(descriptor, SetStatusFlags, NonBlocking);

    private static void CloseIfOpen(int descriptor)
    {
        if (descriptor >= 0) _ = close(descriptor);
    }
}
