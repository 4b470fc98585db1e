using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using static Samovar.Processes.LinuxProcessCalls;

namespace Samovar.Processes;

/// <summary>A process known by its pidfd, which cannot come to mean another one.</summary>
/// <remarks>
/// 1. <see cref="LinuxProcessWatch"/>'s thread alone reads the pipes and reaps. It takes <see cref="_lock"/> to reap.
/// 2. Signals are sent under that lock and only while the child is not reaped: until then neither its id nor its group's can be
/// reused.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxWorkerProcess : WorkerProcess
{
    private const int Killed = 2;
    private const int Dumped = 3;
    private const int UsageSize = 18; // struct rusage: two timevals, fourteen longs
    private const int PeakMemoryField = 4;

    private readonly Lock _lock = new();
    private readonly int _pidfd;
    private bool _reaped;

    public LinuxWorkerProcess(ProcessRecipe recipe, int processId, int pidfd, int output, int errors)
        : base(recipe)
    {
        Id = processId;
        _pidfd = pidfd;
        OutputPipe = output;
        ErrorPipe = errors;
    }

    public override int Id { get; }

    public int Pidfd => _pidfd;

    /// <summary>-1 once its end was read.</summary>
    public int OutputPipe { get; private set; }

    /// <summary>-1 once its end was read.</summary>
    public int ErrorPipe { get; private set; }

    public override void Terminate()
    {
        lock (_lock)
        {
            if (!_reaped)
                LinuxProcessTree.Signal(Id, SigTerm);
        }
    }

    public override void Kill()
    {
        lock (_lock)
        {
            if (!_reaped)
                LinuxProcessTree.Kill(Id);
        }
    }

    /// <summary>Watch: takes what a pipe holds now, at most <paramref name="most"/> bytes.</summary>
    public void Drain(OutputSource source, Span<byte> buffer, long most)
    {
        int pipe = source == OutputSource.Output ? OutputPipe : ErrorPipe;
        while (pipe >= 0 && most > 0)
        {
            nint got;
            fixed (byte* start = buffer)
                got = read(pipe, start, buffer.Length);
            if (got > 0)
            {
                most -= got;
                Received(source, buffer[..(int)got]);
                continue;
            }

            int error = got < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (error == Eintr)
                continue;
            if (error == Eagain)
                return;

            ClosePipe(source);
            return;
        }
    }

    /// <summary>Watch: the process has ended. Passes on what it still wrote, ends what it left behind, reaps it.</summary>
    public void End(Span<byte> buffer)
    {
        // What it left in the pipes, but not what survivors go on writing there.
        const long most = 1024 * 1024;
        Drain(OutputSource.Output, buffer, most);
        Drain(OutputSource.Error, buffer, most);

        ProcessExit exit;
        lock (_lock)
        {
            // While the dead child is not reaped its group cannot be anybody else's.
            _ = kill(-Id, SigKill);
            exit = Reap();
            _reaped = true;
            _ = close(_pidfd);
        }

        ClosePipe(OutputSource.Output);
        ClosePipe(OutputSource.Error);
        HasEnded(exit);
    }

    private ProcessExit Reap()
    {
        SignalInfo info = default;
        long* usage = stackalloc long[UsageSize];
        while (Wait(_pidfd, &info, usage) != 0)
        {
            if (Marshal.GetLastPInvokeError() != Eintr)
                return ProcessExit.Unknown; // ECHILD: this process ignores SIGCHLD, the kernel has reaped it
        }

        long peak = usage[PeakMemoryField] * 1024;
        return info.Code is Killed or Dumped ? new ProcessExit(null, info.Status, peak) : new ProcessExit(info.Status, null, peak);
    }

    private void ClosePipe(OutputSource source)
    {
        int pipe = source == OutputSource.Output ? OutputPipe : ErrorPipe;
        if (pipe < 0)
            return;

        _ = close(pipe);
        if (source == OutputSource.Output)
            OutputPipe = -1;
        else
            ErrorPipe = -1;
    }
}
