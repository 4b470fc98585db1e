using System.Globalization;
using System.Security.Cryptography;
using Samovar.Primitives;

namespace Samovar.Ipc.Platform.Portable;

/// <summary>Mapped files that lose their name as soon as the peer has opened them, and wake-ups over Unix domain sockets.</summary>
/// <remarks>
/// Files are <c>samovar-&lt;pid&gt;-&lt;number&gt;.mem</c> and <c>.sock</c>, readable by their user only. A parent that is killed in the milliseconds
/// before its worker has opened them leaves them for the worker to remove. If the worker has exited too, the next process that creates a segment
/// removes them.
/// </remarks>
internal sealed unsafe class PortableChannelPlatform : ChannelPlatform
{
    /// <summary>sockaddr_un takes 104 bytes on macOS and 108 on Linux, each with a terminating zero.</summary>
    public const int LongestSocketPath = 100;

    private readonly Lazy<string> _directory;

    // Failures are not cached: a folder that cannot be listed now, for example without a descriptor, is listed again by the next call. Two threads
    // may sweep it.
    public PortableChannelPlatform(string? directory = null) => _directory = new Lazy<string>(() => directory ?? ChooseAndSweep(), LazyThreadSafetyMode.PublicationOnly);

    public override ChannelKind Kind => ChannelKind.Portable;

    /// <summary>The directory of the files. It is passed to workers, whose TMPDIR may be different.</summary>
    public string Directory => _directory.Value;

    public override SharedSegment CreateSegment(long length)
    {
        var address = new SegmentAddress(Environment.ProcessId, RandomNumber());
        return FileSegment.Create(PathOf(address, "mem"), length, address);
    }

    public override SharedSegment OpenSegment(SegmentAddress address, long length, SegmentUse use) =>
        FileSegment.Open(PathOf(address, "mem"), length, address, use);

    public override DoorbellSleeper CreateSleeper(uint* word, SpinPolicy spin) => new LocalDoorbell(word, spin);

    public override WakeLink Listen(long number, ChannelCookie cookie, DoorbellSleeper sleeper) =>
        SocketLink.Listen(PathOf(new SegmentAddress(Environment.ProcessId, number), "sock"), cookie, (LocalDoorbell)sleeper);

    public override WakeLink Connect(SegmentAddress address, ChannelCookie cookie, DoorbellSleeper sleeper) =>
        SocketLink.Connect(PathOf(address, "sock"), cookie, (LocalDoorbell)sleeper);

    public override void RemoveLeftBy(int processId)
    {
        foreach (string path in System.IO.Directory.EnumerateFiles(Directory, string.Create(CultureInfo.InvariantCulture, $"samovar-{processId}-*")))
            FileSegment.TryDelete(path);
    }

    /// <summary>Returns the path of an address, built from two numbers, so that no peer chooses a path.</summary>
    public string PathOf(SegmentAddress address, string extension) =>
        Path.Combine(Directory, string.Create(CultureInfo.InvariantCulture, $"samovar-{address.OwnerId}-{address.Number:x16}.{extension}"));

    /// <summary>Deletes the files of processes that have exited.</summary>
    public static void Sweep(string directory)
    {
        foreach (string path in System.IO.Directory.EnumerateFiles(directory, "samovar-*-*.*"))
        {
            string[] parts = Path.GetFileName(path).Split('-');
            if (parts.Length == 3 && int.TryParse(parts[1], CultureInfo.InvariantCulture, out int owner) && !IsAlive(owner))
                FileSegment.TryDelete(path);
        }
    }

    private static long RandomNumber()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToInt64(bytes);
    }

    private static string ChooseAndSweep()
    {
        // Memory rather than disk if there is such a directory; /tmp if TMPDIR is too long for a socket's path.
        const int longestName = 8 + 10 + 1 + 16 + 5 + 1;
        string directory = System.IO.Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        if (directory.Length > LongestSocketPath - longestName && System.IO.Directory.Exists("/tmp")) directory = "/tmp";
        Sweep(directory);
        return directory;
    }

    private static bool IsAlive(int processId)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(processId);
            return true;
        }
        catch (ArgumentException)
        {
            return false; // thrown by GetProcessById if there is no such process
        }
    }
}
