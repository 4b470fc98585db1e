using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Samovar.Primitives;

namespace Samovar.Ipc.Platform.Linux;

/// <summary>Sleeps at the pidfds of all watched processes.</summary>
/// <remarks>Only the thread closes descriptors, between two sleeps, so that no descriptor at which it sleeps is reused for another file.</remarks>
[SupportedOSPlatform("linux")]
internal sealed unsafe partial class LinuxPeerWatch : PeerWatch
{
    private const long PidfdOpenNumber = 434; // the same on all architectures
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const short PollIn = 1;
    private const int Esrch = 3;
    private const int None = -1;

    private readonly Lock _list = new();
    private readonly Dictionary<ProcessIdentity, int> _pidfds = [];
    private readonly Queue<int> _unused = new();
    private readonly Queue<ProcessIdentity> _gone = new(); // processes that had exited before they were watched
    private readonly Action<Thread> _start;
    private int _wakeUp = None;

    /// <param name="start">Starts a thread; null for the default.</param>
    public LinuxPeerWatch(Action<Thread>? start = null) => _start = start ?? (static thread => thread.UnsafeStart());

    protected override void BeginLocked(ProcessIdentity process)
    {
        lock (_list)
        {
            StartLocked();
            int pidfd = (int)syscall(PidfdOpenNumber, process.Id, 0);
            if (pidfd < 0 && Marshal.GetLastPInvokeError() != Esrch) throw LinuxMemory.Failure("pidfd_open");

            // Checked after the pidfd was opened: if the process with this id is the expected one now, the descriptor belongs to it.
            bool isWatched = false;
            try
            {
                isWatched = pidfd >= 0 && process.IsAlive;
                if (isWatched) _pidfds.Add(process, pidfd);
                else _gone.Enqueue(process);
            }
            finally
            {
                if (pidfd >= 0 && !isWatched) LinuxMemory.Close(pidfd); // the thread has not slept at it
            }

            CheckInvariantsLocked();
        }

        WakeUp();
    }

    protected override void EndLocked(ProcessIdentity process)
    {
        using (_list.HoldRegardless())
        {
            if (!_pidfds.Remove(process, out int pidfd)) return;
            _unused.Enqueue(pidfd);
            CheckInvariantsLocked();
        }

        WakeUp();
    }

    private void StartLocked()
    {
        if (_wakeUp != None) return;
        int wakeUp = eventfd(0, CloseOnExec | NonBlocking);
        if (wakeUp < 0) throw LinuxMemory.Failure("eventfd");
        try
        {
            _start(new Thread(() => Run(wakeUp)) { IsBackground = true, Name = "Samovar peer watch" });
        }
        catch (OutOfMemoryException e)
        {
            LinuxMemory.Close(wakeUp); // the next watch tries again
            throw new IOException("No thread could be started to watch other processes: memory, descriptors or threads are exhausted.", e);
        }

        _wakeUp = wakeUp;
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_wakeUp != None || (_pidfds.Count == 0 && _unused.Count == 0 && _gone.Count == 0), "watched processes have a thread that watches them");
    }

    private void WakeUp()
    {
        ulong one = 1;
        _ = write(_wakeUp, &one, sizeof(ulong));
    }

    private void Run(int wakeUp)
    {
        var entries = new PollEntry[16];
        var processes = new ProcessIdentity[16];
        while (true)
        {
            int count = Fill(wakeUp, ref entries, ref processes);
            while (TryTakeGone(out ProcessIdentity gone)) Ended(gone);
            fixed (PollEntry* first = entries)
            {
                if (poll(first, (nuint)count, -1) < 0) continue; // a signal
            }

            if (entries[0].Found != 0)
            {
                ulong rung;
                _ = read(wakeUp, &rung, sizeof(ulong));
            }

            for (int i = 1; i < count; i++)
            {
                if (entries[i].Found == 0) continue;
                lock (_list)
                {
                    if (_pidfds.Remove(processes[i], out int pidfd)) _unused.Enqueue(pidfd);
                }

                Ended(processes[i]);
            }
        }
    }

    private bool TryTakeGone(out ProcessIdentity process)
    {
        lock (_list) return _gone.TryDequeue(out process);
    }

    private int Fill(int wakeUp, ref PollEntry[] entries, ref ProcessIdentity[] processes)
    {
        lock (_list)
        {
            while (_unused.TryDequeue(out int pidfd)) LinuxMemory.Close(pidfd);
            if (entries.Length <= _pidfds.Count)
            {
                entries = new PollEntry[2 * (_pidfds.Count + 1)];
                processes = new ProcessIdentity[entries.Length];
            }

            entries[0] = new PollEntry { Descriptor = wakeUp, Wanted = PollIn };
            int count = 1;
            foreach ((ProcessIdentity process, int pidfd) in _pidfds)
            {
                processes[count] = process;
                entries[count++] = new PollEntry { Descriptor = pidfd, Wanted = PollIn };
            }

            return count;
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, nint first, nint second);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint value, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport("libc")]
    private static partial nint read(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc")]
    private static partial nint write(int descriptor, void* buffer, nuint count);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Wanted;
        public short Found;
    }
}
