using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Samovar.Processes.Platform;

namespace Samovar.Tests.Child;

/// <summary>Takes something away from this process, and with it from the workers that it starts.</summary>
internal static unsafe partial class Shortage
{
    private const int FileSize = 1;
    private const int Processes = 6;
    private const int Descriptors = 7;
    private const int AddressSpace = 9;
    private const int FileTooLarge = 25; // SIGXFSZ, which kills a program that does not ignore it
    private const int Nobody = 65534;
    private const int NoNewPrivileges = 38;
    private const int NotThere = 38; // ENOSYS

    private static bool IsArm64 => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>Leaves so many descriptors beyond those that are open.</summary>
    public static void LeaveDescriptors(int count)
    {
        var open = Directory.GetFileSystemEntries("/proc/self/fd").Select(static d => int.Parse(Path.GetFileName(d), CultureInfo.InvariantCulture)).ToHashSet();
        int limit = 0;
        for (int free = 0; free <= count; limit++)
        {
            if (!open.Contains(limit)) free++; // the limit is on numbers: one below it that is not used is left
        }

        Limit(Descriptors, (ulong)(limit - 1), MostDescriptors());
    }

    /// <summary>Leaves exactly so many: <see cref="LeaveDescriptors"/> counts the one that it reads with, which is free again afterwards.</summary>
    public static void LeaveExactly(int count)
    {
        var taken = new List<int>(); // for as long as this process lives
        _ = LinuxProcessCalls.close(Open()); // what both calls need is loaded while there are descriptors
        LeaveDescriptors(count);
        int descriptor;
        while ((descriptor = Open()) >= 0) taken.Add(descriptor);
        for (int i = 0; i < count; i++) _ = LinuxProcessCalls.close(taken[i]);

        static int Open() => LinuxProcessCalls.open("/dev/null", LinuxProcessCalls.CloseOnExec);
    }

    /// <summary>Takes that back.</summary>
    public static void GiveDescriptors() => Limit(Descriptors, MostDescriptors());

    /// <summary>No file may grow beyond 16 KiB, a memory file neither.</summary>
    public static void LimitFiles()
    {
        _ = LinuxProcessCalls.signal(FileTooLarge, 1);
        Limit(FileSize, 16 * 1024);
    }

    /// <summary>Hardly more address space than there is: no thread can be started, since none has room for its stack.</summary>
    public static void LimitMemory()
    {
        long size = long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[0], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        Limit(AddressSpace, (ulong)size + (4 << 20));
        TakeKeptStacks();
    }

    /// <summary>The C library keeps the stacks of exited threads for new ones: threads that stay take them.</summary>
    private static void TakeKeptStacks()
    {
        const int most = 100; // it keeps 40 MiB of them
        try
        {
            for (int i = 0; i < most; i++) new Thread(static () => Thread.CurrentThread.Join()) { IsBackground = true }.Start();
        }
        catch (OutOfMemoryException)
        {
            // None is left, as it should be.
        }
    }

    /// <summary>No further process or thread. The limit does not apply to root, so the process becomes the user <c>nobody</c>.</summary>
    public static void LimitProcesses()
    {
        Limit(Processes, 0);
        if (Environment.IsPrivilegedProcess && setresuid(Nobody, Nobody, Nobody) != 0) throw Failure("setresuid");
    }

    /// <summary>The kernel does not know a system call, as in a sandbox or of old.</summary>
    public static void Without(string call)
    {
        uint number = call switch
        {
            "memfd_create" => IsArm64 ? 279u : 319u,
            "pidfd_open" => 434,
            _ => throw new ArgumentOutOfRangeException(nameof(call), call, null),
        };
        Filter* filters = stackalloc Filter[]
        {
            new(0x20, 0, 0, 0), // load the call's number
            new(0x15, 0, 1, number), // if it is not this one, go over the next
            new(0x06, 0, 0, 0x0005_0000 | NotThere),
            new(0x06, 0, 0, 0x7FFF_0000),
        };
        var program = new FilterProgram { Length = 4, Filters = filters };
        const nint setFilter = 1;
        const nint forAllThreads = 1;
        if (LinuxProcessCalls.prctl(NoNewPrivileges, 1, 0, 0, 0) != 0) throw Failure("prctl");
        if (syscall(IsArm64 ? 277 : 317, setFilter, forAllThreads, (nint)(&program)) != 0) throw Failure("seccomp");
    }

    /// <summary>Covers a file, or a directory with an empty file system. Needs a mount namespace of this program's own.</summary>
    public static void Mount(params string[] arguments)
    {
        using var mount = Process.Start("mount", arguments);
        mount.WaitForExit();
        if (mount.ExitCode != 0) throw new IOException($"mount {string.Join(' ', arguments)} failed.");
    }

    private static void Limit(int resource, ulong value, ulong? hard = null)
    {
        ulong* limit = stackalloc ulong[2] { value, hard ?? value };
        if (setrlimit(resource, limit) != 0) throw Failure("setrlimit");
    }

    private static ulong MostDescriptors()
    {
        ulong* limit = stackalloc ulong[2];
        return getrlimit(Descriptors, limit) == 0 ? limit[1] : throw Failure("getrlimit");
    }

    private static IOException Failure(string call) => new($"{call}: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setrlimit(int resource, ulong* limit);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getrlimit(int resource, ulong* limit);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setresuid(int real, int effective, int saved);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint first, nint second, nint third);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Filter(ushort code, byte ifTrue, byte ifFalse, uint value)
    {
        public readonly ushort Code = code;
        public readonly byte IfTrue = ifTrue;
        public readonly byte IfFalse = ifFalse;
        public readonly uint Value = value;
    }

    private struct FilterProgram
    {
        public ushort Length;
        public Filter* Filters;
    }
}
