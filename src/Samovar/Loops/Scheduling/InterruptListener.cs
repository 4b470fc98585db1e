using System.Runtime.InteropServices;

namespace Samovar.Loops.Scheduling;

/// <summary>Takes Ctrl-C for a loop, for as long as it lives: the first is the loop's, the second does what it does without one.</summary>
internal sealed class InterruptListener : IDisposable
{
    private readonly PosixSignalRegistration _registration;

    public InterruptListener(LoopProgram program) =>
        _registration = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel |= program.Interrupt()); // another loop of the process may have taken it

    public void Dispose() => _registration.Dispose();
}
