using System.Runtime.InteropServices;

namespace Samovar.Cli.Map.Running;

/// <summary>How a run is stopped: first no more items begin and those that run may finish, then everything is ended.</summary>
/// <remarks>The first Ctrl-C is the first, the second and SIGTERM are the other; halt rules and lost outputs use the same two steps. One
/// signal more ends the tool as it ends any program: an item that runs in the tool itself cannot be ended.</remarks>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _kill = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _signal;
    private int _requests; // of users, each going a step further

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
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Take(context, steps: 1)));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Take(context, steps: 2)));

        void Take(PosixSignalContext context, int steps)
        {
            int requests = Interlocked.Add(ref _requests, steps);
            context.Cancel = requests - steps < 2; // otherwise it was to be over by now
            Interlocked.Exchange(ref _signal, (int)context.Signal);
            if (requests == 1)
            {
                RequestStop();
                told();
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
