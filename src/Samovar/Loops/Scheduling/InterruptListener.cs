using System.Runtime.InteropServices;

namespace Samovar.Loops.Scheduling;

/// <summary>Handles Ctrl-C for a loop until it is disposed: the first one cancels the loop's program, the second has its default effect.</summary>
internal sealed class InterruptListener : IDisposable
{
    private readonly PosixSignalRegistration _registration;

    public InterruptListener(LoopProgram program) =>
        // Another loop of the process may already have set Cancel.
        _registration = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel |= program.Interrupt());

    public void Dispose() => _registration.Dispose();
}
