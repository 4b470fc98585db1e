using System.Runtime.InteropServices;

namespace Samovar.Primitives;

/// <summary>Runs actions when this process exits in an orderly way: when it returns from <c>Main</c>, calls <see cref="Environment.Exit"/>, or
/// receives SIGTERM or SIGHUP. Thread-safe.</summary>
/// <remarks>
/// <list type="number">
/// <item>Since .NET 10 the runtime does not handle either signal, so that the system terminates the process immediately: nothing is flushed, and
/// children are killed. After the first call of <see cref="Do"/> both signals exit the process like <see cref="Environment.Exit"/>, with exit code
/// 128 plus the number of the signal.</item>
/// <item>A program that handles the signal decides itself. The runtime calls the newest handler first. To detect an older handler, this class
/// disposes its registration for some microseconds and checks whether the framework still catches the signal. If there is no other handler, a
/// second signal within these microseconds terminates the process immediately. The handler of a native host, which the framework would call, is not
/// detected.</item>
/// <item>A signal that this process was started to ignore (nohup) stays ignored.</item>
/// <item>In a worker, the worker's program handles the signals, see <see cref="LeaveSignals"/>.</item>
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

    /// <summary>Runs an action at most once, at the orderly exit. If the system refuses to catch a signal because there is no descriptor or thread
    /// left, that signal terminates the process immediately. The next call tries again, but fails again if the signal was the first that this
    /// process tried to catch: the runtime does not repeat its initialization.</summary>
    public static void Do(Action work)
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) => work();
        if (OperatingSystem.IsWindows()) return; // Windows has neither signal
        lock (s_gate)
        {
            if (s_leavesSignals) return;
            if (s_hangUp is null && HandlerOf(HangUp) != Ignored) TryRegisterLocked(HangUp);
            if (s_termination is null && HandlerOf(Termination) != Ignored) TryRegisterLocked(Termination);
        }
    }

    /// <summary>Leaves both signals unhandled in this process.</summary>
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
            // No descriptor or thread is left for the runtime to catch signals with. The actions still run when Main returns. The next call tries
            // again; it fails again if the runtime's own initializer was what failed.
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
        if (signal.Cancel) return; // a handler of the program has taken the decision
        lock (s_gate)
        {
            if (!s_isEnding && IsHandledWithoutThisLocked(number)) return;
            signal.Cancel = true;
            if (s_isEnding) return;
            s_isEnding = true;
        }

        Environment.Exit(FirstSignalCode + number); // on the thread that the runtime started for this signal
    }

    private static bool IsHandledWithoutThisLocked(int number)
    {
        nint handler = HandlerOf(number); // the framework's handler, which calls all registrations
        UnregisterLocked(number);
        nint left = HandlerOf(number); // unchanged if another registration exists; otherwise the original, for SIGTERM the runtime's, which does nothing
        TryRegisterLocked(number); // for the next signal, including one that arrives while this process exits
        return left == handler || left == Ignored;
    }

    private static unsafe nint HandlerOf(int number)
    {
        const int largest = 512; // size of struct sigaction in bytes, rounded up; it is 152 on Linux
        nint* action = stackalloc nint[largest / sizeof(nint)];
        return sigaction(number, null, action) == 0 ? action[0] : Ignored; // the handler is the first member on every platform
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int sigaction(int signal, void* action, void* old);
}
