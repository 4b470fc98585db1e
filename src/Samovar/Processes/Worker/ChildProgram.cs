using System.Runtime.InteropServices;
using Samovar.Ipc.Channel;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Worker;

/// <summary>The body of a <see cref="ChildProcess"/>: a pool worker's loop with one task, and the end of a program after it.</summary>
internal sealed class ChildProgram : WorkerProgram
{
    private const int FailedCode = 1;
    private const int TerminatedCode = 128 + 15; // where a signal cannot be sent

    /// <summary>Another thread may be the one that takes the signal.</summary>
    private static readonly TimeSpan s_signalPatience = TimeSpan.FromSeconds(1);

    private static PosixSignalRegistration? s_termination; // for as long as the process lives: its other threads may go on

    private volatile bool _isTerminated;

    public override int Run(WorkerChannel channel)
    {
        Exception? failure = null;
        using var loop = new WorkerLoop(channel);
        loop.Results.Failed = error =>
        {
            failure = error;
            Environment.ExitCode = FailedCode; // what the function leaves behind can see by now that it has failed
        };
        s_termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Terminated(loop, signal));
        loop.Run();
        if (failure is null) return 0;
        if (_isTerminated && failure is OperationCanceledException) EndBySignal();
        Tell(loop.Core.Name, failure);
        return FailedCode;
    }

    private void Terminated(WorkerLoop loop, PosixSignalContext signal)
    {
        if (signal.Cancel) return; // the function's own handler has decided
        signal.Cancel = true;
        _isTerminated = true;
        var spin = default(SpinWait);
        while (loop.TakesToken)
        {
            if (loop.Current is { } task)
            {
                task.Cancel();
                return;
            }

            spin.SpinOnce(); // it is being decoded
        }

        EndBySignal();
    }

    /// <summary>As a program without a handler ends: the parent sees the signal.</summary>
    private static void EndBySignal()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = LinuxProcessCalls.signal(LinuxProcessCalls.SigTerm, handler: 0);
            _ = LinuxProcessCalls.kill(Environment.ProcessId, LinuxProcessCalls.SigTerm);
            using var never = new ManualResetEvent(initialState: false);
            never.WaitOne(s_signalPatience);
        }

        Environment.Exit(TerminatedCode);
    }

    private static void Tell(string name, Exception failure)
    {
        try
        {
            Console.Error.WriteLine($"Unhandled exception in child process '{name}': {failure}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException) // the latter for a closed descriptor
        {
            // The function has closed or broken stderr. The exception has gone to the parent as an object before this.
        }
    }
}
