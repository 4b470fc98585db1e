using System.Globalization;
using Samovar.Processes.Platform;

namespace Samovar;

/// <summary>A worker process ended while it ran a task. Only that task is lost: what had not begun there runs elsewhere.</summary>
/// <remarks>The message is one line, with what the process or its runtime said last; all that is kept of its stderr, stacks included, is in
/// <see cref="ErrorOutput"/>.</remarks>
public sealed class WorkerCrashedException : Exception
{
    /// <summary>Creates the error.</summary>
    public WorkerCrashedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error.</summary>
    public WorkerCrashedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the error.</summary>
    public WorkerCrashedException()
        : base("A worker process ended while it ran a task.")
    {
    }

    /// <summary>The process that ended.</summary>
    public int ProcessId { get; init; }

    /// <summary>What it returned; null where a signal ended it, or where the system did not say.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The number of the signal that ended it; null where it returned.</summary>
    public int? Signal { get; init; }

    /// <summary>The task it ran.</summary>
    public long TaskId { get; init; }

    /// <summary>That task's name, if it has one.</summary>
    public string? TaskName { get; init; }

    /// <summary>Which attempt at it, from 1.</summary>
    public int Attempt { get; init; }

    /// <summary>The last lines the process wrote to stderr, 8 KiB at most, from the beginning of the runtime's account of the end where there is one; empty where it wrote
    /// nothing.</summary>
    public string ErrorOutput { get; init; } = "";

    /// <summary>The crash dump that the runtime of the process wrote, where the program's environment asks for dumps
    /// (<c>DOTNET_DbgEnableMiniDump=1</c>); null where there is none.</summary>
    public string? DumpFile { get; init; }

    /// <summary>Its largest resident set in bytes; 0 where that is not known: Linux tells it only where it is larger than
    /// that of this process was when it started the other.</summary>
    public long PeakMemory { get; init; }

    internal static WorkerCrashedException Create(string child, WorkerProcess process, ProcessExit exit)
    {
        string? dump = process.DumpFile;
        string text = $"Child '{child}' (process {process.Id}) ended with {exit} before its function returned.{TextOf(dump)}{WordsOf(process)}";
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
        Future task, int attempt, int? place, string worker, WorkerProcess process, ProcessExit exit, string? killReason)
    {
        string? dump = process.DumpFile;
        string peak = exit.PeakMemory > 0
            ? string.Create(CultureInfo.InvariantCulture, $" It had used up to {exit.PeakMemory / (1024.0 * 1024.0):0.#} MiB.")
            : "";
        string item = task.HasItems && place >= 0 ? string.Create(CultureInfo.InvariantCulture, $"item {task.IndexOf(place.Value)} of the map, in ") : "";
        string text =
            $"Worker '{worker}' (process {process.Id}) ended with {exit} while it ran {item}task {task.Id}{(task.Name is null ? "" : $" '{task.Name}'")}, attempt {attempt}." +
            $"{(killReason is null ? "" : $" It was killed: {killReason}.")}{peak}{TextOf(dump)}{WordsOf(process)}";
        return new WorkerCrashedException(text)
        {
            ProcessId = process.Id,
            ExitCode = exit.ExitCode,
            Signal = exit.Signal,
            TaskId = task.Id,
            TaskName = task.Name,
            Attempt = attempt,
            ErrorOutput = process.Errors.ToString(),
            DumpFile = dump,
            PeakMemory = exit.PeakMemory,
        };
    }

    private static string TextOf(string? dump) => dump is null ? "" : $" Its crash dump is {dump}.";

    private static string WordsOf(WorkerProcess process) =>
        process.Errors.LastWords() is { Length: > 0 } words ? $" Its stderr, of which ErrorOutput has more, says: {words}" : " It wrote nothing to stderr.";
}
