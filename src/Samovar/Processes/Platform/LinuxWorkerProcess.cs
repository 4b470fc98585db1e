using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using static Samovar.Processes.Platform.LinuxProcessCalls;

namespace Samovar.Processes.Platform;

/// <summary>A process identified by its pidfd, which cannot be reused for another process.</summary>
/// <remarks>
/// 1. The thread of <see cref="LinuxProcessWatch"/> closes the pipes and reaps. It holds <see cref="_lock"/> while it reaps. What was read is
/// passed on under <see cref="_pipes"/>, because other threads may read too: the order of the bytes is that of the reads.
/// 2. Signals are sent under <see cref="_lock"/> and only while the child is not reaped: until then neither its id nor its group's id can be
/// reused.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxWorkerProcess : WorkerProcess
{
    private const int Killed = 2;
    private const int Dumped = 3;
    private const int UsageSize = 18; // struct rusage: two timevals, fourteen longs
    private const int PeakMemoryField = 4;

    /// <summary>The capacity of the largest pipe, unless a privileged process has enlarged it.</summary>
    private const long LargestPipe = 1024 * 1024;

    private const int NowBufferSize = 8 * 1024;

    private readonly Lock _lock = new();
    private readonly Lock _pipes = new();
    private readonly int _pidfd;
    private readonly ulong _mark; // of this process and all that it starts
    private readonly long _parentsPeak;
    private bool _reaped;

    public LinuxWorkerProcess(ProcessStartSpec spec, int processId, int pidfd, ulong mark, int output, int errors, long parentsPeak)
        : base(spec)
    {
        Id = processId;
        _pidfd = pidfd;
        _mark = mark;
        _parentsPeak = parentsPeak;
        OutputPipe = output;
        ErrorPipe = errors;
    }

    public override int Id { get; }

    public int Pidfd => _pidfd;

    /// <summary>The read end of stdout; -1 after its end was read.</summary>
    public int OutputPipe { get; private set; }

    /// <summary>The read end of stderr; -1 after its end was read.</summary>
    public int ErrorPipe { get; private set; }

    public override void Terminate()
    {
        lock (_lock)
        {
            if (!_reaped) LinuxProcessTree.Signal(Id, _mark, SigTerm);
        }
    }

    public override void Kill()
    {
        lock (_lock)
        {
            if (!_reaped) LinuxProcessTree.Kill(Id, _mark);
        }
    }

    /// <remarks>The read is bounded: output that the process writes meanwhile is not waited for.</remarks>
    public override void DrainNow()
    {
        Span<byte> buffer = stackalloc byte[NowBufferSize];
        lock (_pipes)
        {
            _ = ReadLocked(OutputSource.Output, buffer, LargestPipe);
            _ = ReadLocked(OutputSource.Error, buffer, LargestPipe);
        }
    }

    /// <summary>Watch: reads what a pipe contains now, at most <paramref name="most"/> bytes.</summary>
    public void Drain(OutputSource source, Span<byte> buffer, long most)
    {
        lock (_pipes)
        {
            if (ReadLocked(source, buffer, most)) ClosePipe(source);
        }
    }

    /// <summary>Returns true if the end of the pipe was read, or the pipe broke.</summary>
    private bool ReadLocked(OutputSource source, Span<byte> buffer, long most)
    {
        int pipe = source == OutputSource.Output ? OutputPipe : ErrorPipe;
        while (pipe >= 0 && most > 0)
        {
            nint got;
            fixed (byte* start = buffer) got = read(pipe, start, buffer.Length);
            if (got > 0)
            {
                most -= got;
                Received(source, buffer[..(int)got]);
                continue;
            }

            int error = got < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (error == Eintr) continue;
            return error != Eagain;
        }

        return false;
    }

    /// <summary>Watch: called when the process has exited. Passes on its remaining output, kills processes that it left behind, and reaps
    /// it.</summary>
    public void End(Span<byte> buffer)
    {
        // Read what the process left in the pipes, but not what surviving processes continue to write.
        Drain(OutputSource.Output, buffer, LargestPipe);
        Drain(OutputSource.Error, buffer, LargestPipe);

        ProcessExit exit;
        lock (_lock)
        {
            // While the dead child is not reaped, no other process can have its group.
            _ = kill(-Id, SigKill);
            LinuxProcessTree.KillMarked(_mark, Id);
            exit = Reap();
            _reaped = true;
            _ = close(_pidfd);
        }

        lock (_pipes)
        {
            ClosePipe(OutputSource.Output);
            ClosePipe(OutputSource.Error);
        }

        HasEnded(exit);
    }

    private ProcessExit Reap()
    {
        SignalInfo info = default;
        long* usage = stackalloc long[UsageSize];
        while (Wait(_pidfd, &info, usage) != 0)
        {
            if (Marshal.GetLastPInvokeError() != Eintr)
                return ProcessExit.Unknown; // ECHILD: this process ignores SIGCHLD, so the kernel has reaped the child
        }

        // A process starts with the peak of the process that spawned it: only a larger value is its own.
        long peak = usage[PeakMemoryField] * 1024;
        if (peak <= _parentsPeak) peak = 0;
        return info.Code is Killed or Dumped ? new ProcessExit(null, info.Status, peak) : new ProcessExit(info.Status, null, peak);
    }

    private void ClosePipe(OutputSource source)
    {
        int pipe = source == OutputSource.Output ? OutputPipe : ErrorPipe;
        if (pipe < 0) return;

        _ = close(pipe);
        if (source == OutputSource.Output) OutputPipe = -1;
        else ErrorPipe = -1;
    }
}
