using System.Runtime.Versioning;
using Samovar.Ipc.Platform.Linux;
using static Samovar.Processes.Platform.LinuxProcessCalls;

namespace Samovar.Processes.Platform;

// How a worker and all that it started die with the parent.
//
// The parent holds both ends of one pipe, for all its workers. A worker opens the reading end anew (through the parent's
// /proc/<pid>/fd) and asks the kernel to send SIGKILL to its whole process group when something happens there (F_SETOWN with the
// group, F_SETSIG, O_ASYNC). Nothing is ever written, so the one thing that can happen is that the last writer is gone: the
// parent has ended, by whatever way. No code of the worker has to run for that, so it holds for stopped and for hung workers.
//
// PR_SET_PDEATHSIG is not used beside it: it ends the worker alone and at the same moment, which takes the request back before
// the kernel has sent it to the group, and grandchildren would live on. It also belongs to the thread that started the worker.

/// <summary>The pipe whose end tells workers that their parent has ended.</summary>
[SupportedOSPlatform("linux")]
internal sealed class LinuxLifeline
{
    private LinuxLifeline(int readEnd) => Number = readEnd;

    /// <summary>The reading end's descriptor in the parent.</summary>
    public int Number { get; }

    public static unsafe LinuxLifeline Create()
    {
        int* ends = stackalloc int[2];
        if (pipe2(ends, CloseOnExec) != 0) throw LinuxMemory.Failure("pipe2");

        // Neither end is ever closed: they live as long as the process, which is their meaning.
        return new LinuxLifeline(ends[0]);
    }

    /// <summary>Worker: binds its process group to the parent's life.</summary>
    /// <returns>False where the parent is gone or its descriptors cannot be opened.</returns>
    public static unsafe bool Hold(int parentId, int number, int group)
    {
        int descriptor = open($"/proc/{parentId}/fd/{number}", ReadOnly | NonBlocking | CloseOnExec);
        if (descriptor < 0) return false;

        if (fcntl(descriptor, SetSignal, SigKill) != 0
            || fcntl(descriptor, SetOwner, -group) != 0
            || fcntl(descriptor, SetStatusFlags, NonBlocking | Async) != 0)
        {
            _ = close(descriptor);
            return false;
        }

        // Gone before the request was in place?
        var entry = new PollEntry { Descriptor = descriptor, Wanted = PollIn };
        if (poll(&entry, 1, 0) > 0 && (entry.Found & PollHangUp) != 0) _ = kill(0, SigKill);
        return true;
    }
}
