using System.Runtime.InteropServices;

namespace Samovar.Cli.Map.Running;

/// <summary>Stops a run in two steps: first, no more items start and running items may finish; then, running items are killed.</summary>
/// <remarks>The first Ctrl-C is step one; the second Ctrl-C and SIGTERM are step two. Halt rules and write errors use the same steps. A further
/// signal terminates the tool by the default action, because an item that runs in the tool's own process cannot be killed.</remarks>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _kill = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _signal;
    private int _requests; // steps requested by signals

    /// <summary>Cancelled when no more items may start.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Cancelled when running items are to be killed.</summary>
    public CancellationToken Kill => _kill.Token;

    /// <summary>Gets the signal that stopped the run; null for none.</summary>
    public PosixSignal? Signal => Volatile.Read(ref _signal) is var signal and not 0 ? (PosixSignal)signal : null;

    /// <summary>Starts handling Ctrl-C and SIGTERM.</summary>
    /// <param name="stopping">Called on the first Ctrl-C.</param>
    public void Listen(Action stopping)
    {
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Take(context, steps: 1)));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Take(context, steps: 2)));

        void Take(PosixSignalContext context, int steps)
        {
            int requests = Interlocked.Add(ref _requests, steps);
            context.Cancel = requests - steps < 2; // after step two, the default action terminates the tool
            Interlocked.Exchange(ref _signal, (int)context.Signal);
            if (requests == 1)
            {
                RequestStop();
                stopping();
            }
            else if (context.Cancel)
            {
                RequestKill();
            }
        }
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
