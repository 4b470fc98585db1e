using System.Runtime.InteropServices;

namespace Samovar.Ipc;

/// <summary>What is to be done when this process ends in order: when it returns from <c>Main</c>, calls <see cref="Environment.Exit"/>, or is asked to end by SIGTERM
/// or SIGHUP. Safe for any thread.</summary>
/// <remarks>
/// <list type="number">
/// <item>Since .NET 10 the runtime leaves both signals alone, and the system ends a process by them at once: nothing is flushed, children are killed. From the first call
/// of <see cref="Do"/> on they end the process as <see cref="Environment.Exit"/> does, with exit code 128 and the signal's number.</item>
/// <item>A program that handles the signal decides itself. The runtime asks handlers newest first; one that is older than this one shows in that the framework still
/// catches the signal without this one.</item>
/// <item>A signal that this process was started to ignore (nohup) stays ignored.</item>
/// <item>In a worker signals are its body's, see <see cref="LeaveSignals"/>.</item>
/// </list>
/// </remarks>
internal static partial class OrderlyEnd
{
    private const int HangUp = 1;
    private const int Termination = 15;
    private const int FirstSignalCode = 128;
    private const nint Ignored = 1; // SIG_IGN

    private static readonly Lock s_gate = new();
    private static PosixSignalRegistration? s_hangUp; // gate
    private static PosixSignalRegistration? s_termination; // gate
    private static bool s_isRegistered; // gate
    private static bool s_isEnding; // gate

    /// <summary>Has something done at the orderly end, at most once.</summary>
    public static void Do(Action work)
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) => work();
        if (OperatingSystem.IsWindows()) return; // it has neither signal
        lock (s_gate)
        {
            if (s_isRegistered) return;
            s_isRegistered = true;
            if (HandlerOf(HangUp) != Ignored) RegisterUnderGate(HangUp);
            if (HandlerOf(Termination) != Ignored) RegisterUnderGate(Termination);
        }
    }

    /// <summary>Leaves both signals alone in this process.</summary>
    public static void LeaveSignals()
    {
        lock (s_gate) s_isRegistered = true;
    }

    private static void RegisterUnderGate(int number)
    {
        if (number == HangUp) s_hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, static signal => Take(signal, HangUp));
        else s_termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, static signal => Take(signal, Termination));
    }

    private static void Take(PosixSignalContext signal, int number)
    {
        if (signal.Cancel) return; // the program's own handler has decided
        lock (s_gate)
        {
            if (!s_isEnding && IsHandledWithoutThisUnderGate(number)) return;
            signal.Cancel = true;
            if (s_isEnding) return;
            s_isEnding = true;
        }

        Environment.Exit(FirstSignalCode + number); // on a thread that the runtime has started for this signal
    }

    private static bool IsHandledWithoutThisUnderGate(int number)
    {
        nint handler = HandlerOf(number); // the framework's, which calls all that are registered
        (number == HangUp ? s_hangUp : s_termination)?.Dispose();
        nint left = HandlerOf(number);
        RegisterUnderGate(number); // for the next one, and against one that comes while this process ends
        return left == handler || left == Ignored;
    }

    private static unsafe nint HandlerOf(int number)
    {
        const int largest = 512; // of struct sigaction, which is 152 bytes on Linux
        nint* action = stackalloc nint[largest / sizeof(nint)];
        return sigaction(number, null, action) == 0 ? action[0] : Ignored; // its first member everywhere
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int sigaction(int signal, void* action, void* old);
}
