using System.Runtime.InteropServices;

namespace Samovar.Cli.Map.Running;

/// <summary>How a run is stopped: first no more items begin and those that run may finish, then everything is ended.</summary>
/// <remarks>The first Ctrl-C is the first, the second and SIGTERM are the other; halt rules and lost outputs use the same two steps.</remarks>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _kill = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _signal;

    /// <summary>No item is to begin any more.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>What runs is to be ended.</summary>
    public CancellationToken Kill => _kill.Token;

    /// <summary>The signal that stopped the run; null for none.</summary>
    public PosixSignal? Signal => Volatile.Read(ref _signal) is var signal and not 0 ? (PosixSignal)signal : null;

    /// <summary>Takes Ctrl-C and SIGTERM from now on.</summary>
    /// <param name="told">Called on the first Ctrl-C.</param>
    public void Listen(Action told)
    {
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            if (Interlocked.Exchange(ref _signal, (int)PosixSignal.SIGINT) == 0)
            {
                RequestStop();
                told();
            }
            else
            {
                RequestKill();
            }
        }));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            Interlocked.Exchange(ref _signal, (int)PosixSignal.SIGTERM);
            RequestKill();
        }));
    }

    public void RequestStop() => _stop.Cancel();

    public void RequestKill()
    {
        _stop.Cancel();
        _kill.Cancel();
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
        _stop.Dispose();
        _kill.Dispose();
    }
}
