using System.Runtime.InteropServices;

namespace Samovar.Primitives;

/// <summary>What is to be done when this process ends in order: when it returns from <c>Main</c>, calls <see cref="Environment.Exit"/>, or is asked to end by SIGTERM
/// or SIGHUP. Safe for any thread.</summary>
/// <remarks>
/// <list type="number">
/// <item>Since .NET 10 the runtime leaves both signals alone, and the system ends a process by them at once: nothing is flushed, children are killed. From the first call
/// of <see cref="Do"/> on they end the process as <see cref="Environment.Exit"/> does, with exit code 128 and the signal's number.</item>
/// <item>A program that handles the signal decides itself. The runtime asks handlers newest first; one that is older than this one shows in that the framework still
/// catches the signal without this one. To see that, the registration is given up for some microseconds: where nothing else handles the signal, a second one that comes in
/// these microseconds ends the process at once. A handler of a native host, which the framework would call, is not seen.</item>
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
    private static bool s_leavesSignals; // gate
    private static bool s_isEnding; // gate

    /// <summary>Has something done at the orderly end, at most once. Where the system refuses to catch a signal, for lack of a descriptor or a thread, that signal ends the
    /// process at once. The next call tries again, in vain where it was the first signal that this process was to catch: the runtime does not try twice.</summary>
    public static void Do(Action work)
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) => work();
        if (OperatingSystem.IsWindows()) return; // it has neither signal
        lock (s_gate)
        {
            if (s_leavesSignals) return;
            if (s_hangUp is null && HandlerOf(HangUp) != Ignored) TryRegisterLocked(HangUp);
            if (s_termination is null && HandlerOf(Termination) != Ignored) TryRegisterLocked(Termination);
        }
    }

    /// <summary>Leaves both signals alone in this process.</summary>
    public static void LeaveSignals()
    {
        lock (s_gate) s_leavesSignals = true;
    }

    private static void TryRegisterLocked(int number)
    {
        try
        {
            if (number == HangUp) s_hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, static signal => Take(signal, HangUp));
            else s_termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, static signal => Take(signal, Termination));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TypeInitializationException { InnerException: IOException or UnauthorizedAccessException })
        {
            // No descriptor or thread is left for the runtime to catch signals with. Returning from Main still does the work. The next call tries again; where the
            // runtime's own initializer was what failed, it fails again.
        }
    }

    private static void UnregisterLocked(int number)
    {
        if (number == HangUp)
        {
            s_hangUp?.Dispose();
            s_hangUp = null;
        }
        else
        {
            s_termination?.Dispose();
            s_termination = null;
        }
    }

    private static void Take(PosixSignalContext signal, int number)
    {
        if (signal.Cancel) return; // the program's own handler has decided
        lock (s_gate)
        {
            if (!s_isEnding && IsHandledWithoutThisLocked(number)) return;
            signal.Cancel = true;
            if (s_isEnding) return;
            s_isEnding = true;
        }

        Environment.Exit(FirstSignalCode + number); // on a thread that the runtime has started for this signal
    }

    private static bool IsHandledWithoutThisLocked(int number)
    {
        nint handler = HandlerOf(number); // the framework's, which calls all that are registered
        UnregisterLocked(number);
        nint left = HandlerOf(number); // the same where another registration is left, else what was there before: the runtime has one for SIGTERM, which does nothing by itself
        TryRegisterLocked(number); // for the next one, and against one that comes while this process ends
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
