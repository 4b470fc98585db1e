using System.Runtime.InteropServices;

namespace Samovar.Cli.Cluster;

/// <summary>Stops a worker in steps: the first Ctrl-C or SIGTERM lets it complete what it runs, the second one cancels that. A third one terminates the
/// tool by the default action.</summary>
internal sealed class LeaveSignal : IDisposable
{
    private readonly CancellationTokenSource _leave = new();
    private readonly CancellationTokenSource _hurry = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _requests; // Interlocked
    private int _signal; // Volatile

    /// <summary>Cancelled when the worker is to leave.</summary>
    public CancellationToken Leave => _leave.Token;

    /// <summary>Cancelled when running tasks are to be cancelled.</summary>
    public CancellationToken Hurry => _hurry.Token;

    /// <summary>Gets the exit code of a worker that was stopped before it had completed its tasks.</summary>
    public int CutShort => Volatile.Read(ref _signal) == (int)PosixSignal.SIGTERM ? ExitCode.Terminated : ExitCode.Interrupted; // SYNC: leave signal

    /// <summary>Starts handling Ctrl-C and SIGTERM.</summary>
    public void Listen()
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                Volatile.Write(ref _signal, (int)context.Signal); // SYNC: leave signal
                context.Cancel = Request();
            }));
        }
    }

    /// <summary>Requests the next step. Returns false if there is no further one.</summary>
    public bool Request()
    {
        switch (Interlocked.Increment(ref _requests))
        {
            case 1:
                _leave.Cancel();
                return true;
            case 2:
                _hurry.Cancel();
                return true;
            default:
                return false;
        }
    }

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _leave.Dispose();
        _hurry.Dispose();
    }
}
