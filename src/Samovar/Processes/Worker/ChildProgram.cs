using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Samovar.Ipc.Channel;
using Samovar.Primitives;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Worker;

/// <summary>The program of a <see cref="ChildProcess"/>: the loop of a pool worker with one task, followed by the normal exit of a
/// program.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class ChildProgram : WorkerProgram
{
    private const int FailedCode = 1;
    private const int TerminatedCode = 128 + 15; // on systems without signals

    /// <summary>How long to wait for the signal, which another thread may receive.</summary>
    private static readonly TimeSpan s_signalPatience = TimeSpan.FromSeconds(1);

    private static PosixSignalRegistration? s_termination; // for the lifetime of the process: its other threads may continue to run

    private volatile bool _isTerminated;

    public override int Run(WorkerChannel channel)
    {
        Exception? failure = null;
        using var loop = new WorkerLoop(channel);
        loop.Results.Failed = error =>
        {
            failure = error;
            Environment.ExitCode = FailedCode; // set now, so that code that the function left running sees the failure
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
        if (signal.Cancel) return; // a handler of the function has taken the decision
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

            spin.SpinOnce(); // the function is being deserialized
        }

        EndBySignal();
    }

    /// <summary>Terminates the process by the signal, like a program without a handler, so that the parent sees the signal.</summary>
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
            // The function has closed or broken stderr. The exception was sent to the parent as an object before this.
        }
    }
}
