using System.Globalization;
using Samovar.Diagnostics.Recording;
using Samovar.Processes.Platform;

namespace Samovar;

/// <summary>The exception that is thrown when a worker process exits while it runs a task. Only that task is lost: tasks that had not started there
/// run on another worker.</summary>
/// <remarks>The message is one line and includes the beginning of the runtime's crash report, or the last line of stderr if there is no report.
/// <see cref="ErrorOutput"/> contains all retained output to stderr, including stack traces.</remarks>
public sealed class WorkerCrashedException : Exception, IWorkerLoss
{
    /// <summary>Initializes an exception with a message.</summary>
    /// <param name="message">The message that describes the error.</param>
    public WorkerCrashedException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes an exception with a message and its cause.</summary>
    /// <param name="message">The message that describes the error.</param>
    /// <param name="innerException">The cause; null for none.</param>
    public WorkerCrashedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Initializes an exception with a default message.</summary>
    public WorkerCrashedException()
        : base("A worker process exited while it ran a task.")
    {
    }

    /// <summary>Gets the id of the process that exited.</summary>
    public int ProcessId { get; init; }

    /// <summary>Gets the exit code; null if a signal terminated the process, or if the system did not report the exit code.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Gets the number of the signal that terminated the process; null if the process exited by itself.</summary>
    public int? Signal { get; init; }

    /// <summary>Gets the id of the task that the process was running.</summary>
    public long TaskId { get; init; }

    /// <summary>Gets the name of that task; null if it has none.</summary>
    public string? TaskName { get; init; }

    /// <summary>Gets the number of the attempt at that task, counted from 1.</summary>
    public int Attempt { get; init; }

    /// <summary>Gets the name of the function that the task ran, as <see cref="WorkerTaskRecord.Function"/> has it; null if it is not known, because the
    /// process had not deserialized the work yet, or because tasks are not recorded.</summary>
    public string? Function { get; init; }

    /// <summary>Gets the tasks that the process started last, the newest first, at most 64; the first is usually the one that it was running. Empty if
    /// tasks are not recorded (<see cref="ProcessExecutorOptions.KeepsPostMortem"/>), and for a <c>ChildProcess</c>.</summary>
    public IReadOnlyList<WorkerTaskRecord> LastTasks { get; init; } = [];

    /// <summary>Gets the last lines that the process wrote to stderr, at most 8 KiB. If the runtime reported a crash, the text starts with that
    /// report. Empty if the process wrote nothing.</summary>
    public string ErrorOutput { get; init; } = "";

    /// <summary>Gets the path of the crash dump that the runtime of the process wrote, if the environment of the program enables dumps
    /// (<c>DOTNET_DbgEnableMiniDump=1</c>); null if there is no dump.</summary>
    public string? DumpFile { get; init; }

    /// <summary>Gets the largest resident set of the process, in bytes; 0 if it is unknown. Linux reports it only if it is larger than that of this
    /// process was when it started the worker.</summary>
    public long PeakMemory { get; init; }

    internal static WorkerCrashedException Create(string child, WorkerProcess process, ProcessExit exit)
    {
        string? dump = process.DumpFile;
        string text = $"Child '{child}' (process {process.Id}) exited with {exit} before its function returned.{TextOf(dump)}{WordsOf(process)}";
        return new WorkerCrashedException(text)
        {
            ProcessId = process.Id,
            ExitCode = exit.ExitCode,
            Signal = exit.Signal,
            TaskId = 1,
            TaskName = child,
            Attempt = 1,
            ErrorOutput = process.Errors.ToString(),
            DumpFile = dump,
            PeakMemory = exit.PeakMemory,
        };
    }

    internal static WorkerCrashedException Create(
        Future task, int attempt, int? place, string worker, WorkerProcess process, ProcessExit exit, string? killReason, IReadOnlyList<WorkerTaskRecord> lastTasks)
    {
        string? dump = process.DumpFile;
        string? function = lastTasks.FirstOrDefault(last => last.TaskId == task.Id && last.Attempt == attempt)?.Function;
        string peak = exit.PeakMemory > 0
            ? string.Create(CultureInfo.InvariantCulture, $" It had used up to {exit.PeakMemory / (1024.0 * 1024.0):0.#} MiB.")
            : "";
        string item = task.HasItems && place >= 0 ? string.Create(CultureInfo.InvariantCulture, $"item {task.IndexOf(place.Value)} of the map, in ") : "";
        string text =
            $"Worker '{worker}' (process {process.Id}) exited with {exit} while it ran {item}task {task.Id}{(task.Name is null ? "" : $" '{task.Name}'")}{(function is null ? "" : $" ({function})")}, attempt {attempt}." +
            $"{(killReason is null ? "" : $" It was killed: {killReason}.")}{peak}{TextOf(dump)}{WordsOf(process)}";
        return new WorkerCrashedException(text)
        {
            ProcessId = process.Id,
            ExitCode = exit.ExitCode,
            Signal = exit.Signal,
            TaskId = task.Id,
            TaskName = task.Name,
            Attempt = attempt,
            Function = function,
            LastTasks = lastTasks,
            ErrorOutput = process.Errors.ToString(),
            DumpFile = dump,
            PeakMemory = exit.PeakMemory,
        };
    }

    /// <summary>Creates the error for a worker that exited, whether or not it ran a task.</summary>
    internal static WorkerCrashedException Create(string worker, WorkerProcess process, ProcessExit exit, string? killReason)
    {
        string? dump = process.DumpFile;
        string text = $"Worker '{worker}' (process {process.Id}) exited with {exit}.{(killReason is null ? "" : $" It was killed: {killReason}.")}{TextOf(dump)}{WordsOf(process)}";
        return new WorkerCrashedException(text)
        {
            ProcessId = process.Id,
            ExitCode = exit.ExitCode,
            Signal = exit.Signal,
            ErrorOutput = process.Errors.ToString(),
            DumpFile = dump,
            PeakMemory = exit.PeakMemory,
        };
    }

    private static string TextOf(string? dump) => dump is null ? "" : $" Its crash dump is {dump}.";

    private static string WordsOf(WorkerProcess process) =>
        process.Errors.LastWords() is { Length: > 0 } words ? $" Its stderr (more in ErrorOutput): {words}" : " It wrote nothing to stderr.";
}
