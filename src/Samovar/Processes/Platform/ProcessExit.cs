using System.Globalization;

namespace Samovar.Processes.Platform;

/// <summary>How a process exited, as the operating system reports it.</summary>
/// <param name="ExitCode">The exit code; null if a signal terminated the process, or if the exit code is unknown.</param>
/// <param name="Signal">The signal that terminated the process; null if the process exited by itself.</param>
/// <param name="PeakMemory">The largest resident set in bytes; 0 if unknown: Linux reports it only if it is larger than that of this process was
/// when it started the other.</param>
internal sealed record ProcessExit(int? ExitCode, int? Signal, long PeakMemory)
{
    /// <summary>An exit that could not be read: the host ignores SIGCHLD, so the kernel keeps no exit status.</summary>
    public static ProcessExit Unknown { get; } = new(null, null, 0);

    /// <summary>The exit code, or the negative number of the signal.</summary>
    public int? Code => Signal is { } signal ? -signal : ExitCode;

    /// <summary>Returns "exit code 3" or "signal 11 (SIGSEGV)", as the end of "exited with".</summary>
    public override string ToString() => this switch
    {
        { Signal: { } signal } => string.Create(CultureInfo.InvariantCulture, $"signal {signal} ({SignalName(signal)})"),
        { ExitCode: { } code } => string.Create(CultureInfo.InvariantCulture, $"exit code {code}"),
        _ => "an exit code that the system did not report",
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
