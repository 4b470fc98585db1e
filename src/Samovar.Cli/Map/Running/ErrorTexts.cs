using System.Globalization;
using System.Text;
using Samovar.Cli.Map.Methods;
using Samovar.Cli.Map.Outputs;
using Samovar.Cli.Map.Progress;

namespace Samovar.Cli.Map.Running;

/// <summary>Describes why the executor failed an item, in terms of items and options instead of tasks.</summary>
internal static class ErrorTexts
{
    private const int MostCauses = 5;

    public static string Of(Exception error, TimeSpan? timeout) => error switch
    {
        TaskTimeoutException when timeout is { } limit => $"it ran longer than its time limit of {Summary.Span(limit)}",
        WorkerCrashedException { ProcessId: not 0 } crash => Crash(crash),
        _ => Whole(error),
    };

    /// <summary>Returns an error's message, followed in the same line by the messages of its causes.</summary>
    public static string Whole(Exception error)
    {
        if (error.InnerException is null or { Message.Length: 0 } || error is AggregateException or MalformedItemException) return error.Message;
        var text = new StringBuilder(TextFormat.FirstLine(error.Message));
        Exception? cause = error.InnerException;
        for (int depth = 0; cause is not null && depth < MostCauses; depth++, cause = cause.InnerException)
        {
            string message = TextFormat.FirstLine(cause.Message);
            if (!error.Message.Contains(message, StringComparison.Ordinal)) text.Append(" <- ").Append(cause.GetType().Name).Append(": ").Append(message);
        }

        return text.ToString();
    }

    private static string Crash(WorkerCrashedException crash)
    {
        string end = crash.Signal is { } signal
            ? string.Create(CultureInfo.InvariantCulture, $"process {crash.ProcessId} was killed by {SignalName(signal)}")
            : string.Create(CultureInfo.InvariantCulture, $"process {crash.ProcessId} exited with code {crash.ExitCode}");
        string peak = crash.PeakMemory > 0
            ? string.Create(CultureInfo.InvariantCulture, $"; it had used {crash.PeakMemory / (1024 * 1024)} MiB")
            : "";
        return end + peak + (crash.DumpFile is { } dump ? $"; dump: {dump}" : "");
    }

    /// <summary>Returns the name of a signal, such as SIGKILL.</summary>
    public static string SignalName(int signal) => signal switch
    {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        _ => string.Create(CultureInfo.InvariantCulture, $"signal {signal}"),
    };
}
