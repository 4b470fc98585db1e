using System.Globalization;

namespace Samovar.Processes.Platform;

/// <summary>How a process ended, as the operating system tells it.</summary>
/// <param name="ExitCode">What it returned; null where a signal ended it, or where nobody can know.</param>
/// <param name="Signal">The signal that ended it; null where it returned.</param>
/// <param name="PeakMemory">Its largest resident set in bytes; 0 where the system does not say: Linux does where it is larger than this
/// process's was when it started that one.</param>
internal sealed record ProcessExit(int? ExitCode, int? Signal, long PeakMemory)
{
    /// <summary>The exit could not be read: the host ignores SIGCHLD, so the kernel keeps none.</summary>
    public static ProcessExit Unknown { get; } = new(null, null, 0);

    /// <summary>The exit code, or the signal's number made negative.</summary>
    public int? Code => Signal is { } signal ? -signal : ExitCode;

    /// <summary>"exit code 3", "signal 11 (SIGSEGV)".</summary>
    public override string ToString() => this switch
    {
        { Signal: { } signal } => string.Create(CultureInfo.InvariantCulture, $"signal {signal} ({SignalName(signal)})"),
        { ExitCode: { } code } => string.Create(CultureInfo.InvariantCulture, $"exit code {code}"),
        _ => "an exit that the system did not report",
    };

    private static string SignalName(int signal) => signal switch
    {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        31 => "SIGSYS",
        _ => "unnamed",
    };
}
