using System.Runtime.Versioning;
using Samovar.Ipc.Platform.Linux;
using static Samovar.Processes.Platform.LinuxProcessCalls;

namespace Samovar.Processes.Platform;

// How a worker and every process that it started die with the parent.
//
// The parent holds both ends of one pipe, for all its workers. A worker reopens the read end (through the parent's /proc/<pid>/fd) and requests the
// kernel to send SIGKILL to its whole process group when the pipe becomes ready (F_SETOWN with the group, F_SETSIG, O_ASYNC). Nothing is ever
// written, so the only possible event is that the last writer is gone: the parent has exited, for any reason. The worker need not run any code for
// this, so it also works for stopped and for blocked workers.
//
// PR_SET_PDEATHSIG is not used in addition: it kills only the worker and at the same moment, which cancels the request before the kernel has sent
// the signal to the group, so that grandchildren would survive. It also belongs to the thread that started the worker.

/// <summary>The pipe whose end notifies workers that their parent has exited.</summary>
[SupportedOSPlatform("linux")]
internal sealed class LinuxLifeline
{
    private LinuxLifeline(int readEnd) => Number = readEnd;

    /// <summary>The descriptor of the read end in the parent.</summary>
    public int Number { get; }

    public static unsafe LinuxLifeline Create()
    {
        int* ends = stackalloc int[2];
        if (pipe2(ends, CloseOnExec) != 0) throw LinuxMemory.Failure("pipe2");

        // Neither end is ever closed: they exist as long as the process, which is their purpose.
        return new LinuxLifeline(ends[0]);
    }

    /// <summary>Worker: binds the lifetime of its process group to the parent.</summary>
    /// <returns>False if the parent is gone or its descriptors cannot be opened; otherwise, true.</returns>
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

        // The parent may have exited before the request was in place.
        var entry = new PollEntry { Descriptor = descriptor, Wanted = PollIn };
        if (poll(&entry, 1, 0) > 0 && (entry.Found & PollHangUp) != 0) _ = kill(0, SigKill);
        return true;
    }
}
