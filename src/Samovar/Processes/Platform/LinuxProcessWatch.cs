using System.Collections.Concurrent;
using System.Runtime.Versioning;
using Samovar.Ipc.Platform.Linux;
using static Samovar.Processes.Platform.LinuxProcessCalls;

namespace Samovar.Processes.Platform;

/// <summary>The one thread that waits for the exits of all processes and drains their pipes. It writes nowhere and calls no user code: anything
/// that blocked it would block every pool.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxProcessWatch
{
    private const int BufferSize = 64 * 1024;
    private const int EntriesEach = 3;

    private static readonly Lock s_lock = new();
    private static LinuxProcessWatch? s_instance;

    private readonly ConcurrentQueue<LinuxWorkerProcess> _added = new();
    private readonly int _wakeUp;

    private LinuxProcessWatch()
    {
        _wakeUp = eventfd(0, CloseOnExec | NonBlocking);
        if (_wakeUp < 0) throw LinuxMemory.Failure("eventfd");

        var thread = new Thread(Run) { IsBackground = true, Name = "Samovar process watch" };
        thread.UnsafeStart();
    }

    /// <summary>The watch of this process, created at the first use. If that fails, the next use tries again.</summary>
    /// <exception cref="IOException">No descriptor is left.</exception>
    public static LinuxProcessWatch Instance
    {
        get
        {
            lock (s_lock) return s_instance ??= new LinuxProcessWatch();
        }
    }

    /// <summary>Takes ownership of a process; from here on its pipes and its pidfd belong to this thread.</summary>
    public void Add(LinuxWorkerProcess process)
    {
        process.Backlog?.RoomMade = WakeUp;
        _added.Enqueue(process);
        WakeUp();
    }

    private void WakeUp()
    {
        ulong one = 1;
        _ = write(_wakeUp, (byte*)&one, sizeof(ulong));
    }

    private void Run()
    {
        var watched = new List<LinuxWorkerProcess>();
        var entries = new PollEntry[1 + EntriesEach];
        byte[] buffer = new byte[BufferSize];
        while (true)
        {
            while (_added.TryDequeue(out LinuxWorkerProcess? process)) watched.Add(process);

            int count = Fill(ref entries, watched);
            fixed (PollEntry* start = entries)
            {
                if (poll(start, (nuint)count, -1) < 0)
                    continue; // interrupted by a signal; no other error is possible, because only this thread closes the descriptors
            }

            if (entries[0].Found != 0)
            {
                ulong rung;
                _ = read(_wakeUp, (byte*)&rung, sizeof(ulong));
            }

            for (int i = watched.Count - 1; i >= 0; i--)
            {
                LinuxWorkerProcess process = watched[i];
                Span<PollEntry> own = entries.AsSpan(1 + (EntriesEach * i), EntriesEach);
                if (own[1].Found != 0) process.Drain(OutputSource.Output, buffer, BufferSize);
                if (own[2].Found != 0) process.Drain(OutputSource.Error, buffer, BufferSize);
                if (own[0].Found != 0)
                {
                    watched.RemoveAt(i);
                    process.End(buffer);
                }
            }
        }
    }

    // poll skips negative descriptors, so a pipe that is closed, or must not be read now, keeps its place.
    private int Fill(ref PollEntry[] entries, List<LinuxWorkerProcess> watched)
    {
        int count = 1 + (EntriesEach * watched.Count);
        if (entries.Length < count) entries = new PollEntry[2 * count];

        entries[0] = new PollEntry { Descriptor = _wakeUp, Wanted = PollIn };
        for (int i = 0; i < watched.Count; i++)
        {
            int at = 1 + (EntriesEach * i);
            entries[at] = new PollEntry { Descriptor = watched[i].Pidfd, Wanted = PollIn };
            bool isFull = watched[i].Backlog is { IsFull: true };
            entries[at + 1] = new PollEntry { Descriptor = isFull ? -1 : watched[i].OutputPipe, Wanted = PollIn };
            entries[at + 2] = new PollEntry { Descriptor = isFull ? -1 : watched[i].ErrorPipe, Wanted = PollIn };
        }

        return count;
    }
}
