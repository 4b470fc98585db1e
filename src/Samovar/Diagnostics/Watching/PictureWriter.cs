using System.Text.Json;
using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Recording;

namespace Samovar.Diagnostics.Watching;

/// <summary>Writes a <see cref="Picture"/> as JSON; docs/reference/watch-protocol.md has the members.</summary>
internal static class PictureWriter
{
    /// <summary>The maximum number of workers in a picture.</summary>
    public const int MostWorkers = 256;

    private const int MostRunning = 50;
    private const int MostFunctions = 60;
    private const int LongestText = 200;

    /// <summary>Writes the picture.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="picture">The picture.</param>
    /// <param name="cost">How long it took to take it.</param>
    /// <param name="showsArguments">Whether the watcher gets the texts of items.</param>
    public static void Write(Utf8JsonWriter json, Picture picture, TimeSpan cost, bool showsArguments)
    {
        json.WriteStartObject();
        json.WriteNumber("picture"u8, picture.Number);
        WriteTime(json, "at", picture.At);
        WriteMilliseconds(json, "cost", cost);
        WriteProcess(json, picture.Process);
        WriteList(json, "executors", picture.Executors, static (json, executor) => ExecutorWriter.Write(json, executor));
        WriteList(json, "workers", picture.Executors.SelectMany(static executor => executor.Activity.Workers.Select(worker => (executor.Number, worker))).Take(MostWorkers),
            static (json, one) => WriteWorker(json, one.Number, one.worker));
        var running = picture.Executors.SelectMany(static executor => executor.Activity.Running.Select(task => (executor.Number, task)));
        WriteList(json, "running", running.OrderByDescending(static one => one.task.For).Take(MostRunning), static (json, one) => WriteRunning(json, one.Number, one.task));
        json.WriteNumber("runningTotal"u8, picture.Executors.Sum(static executor => executor.Activity.RunningTotal));
        MapWriter.Write(json, picture.Executors, showsArguments);
        var functions = picture.Executors.SelectMany(static executor => executor.Recording.Functions.Select(function => (executor.Number, function))).ToList();
        WriteList(json, "functions", functions.OrderByDescending(static one => one.function.Run.Sum).Take(MostFunctions),
            static (json, one) => FunctionWriter.Write(json, one.Number, one.function));
        json.WriteNumber("functionsTotal"u8, functions.Count);
        WriteList(json, "lanes", picture.Lanes, WriteBar);
        json.WriteNumber("lanesDropped"u8, picture.LanesDropped);
        WriteList(json, "clusters", picture.Members, static (json, one) => MemberWriter.Write(json, one.Number, one.Member));
        json.WriteNumber("failures"u8, picture.Executors.Sum(static executor => executor.Recording.FailuresKept));
        json.WriteNumber("failuresTotal"u8, picture.Executors.Sum(static executor => executor.Recording.FailuresRecorded));
        WriteList(json, "advice", picture.Advice, static (json, advice) =>
        {
            json.WriteString("rule"u8, advice.Rule);
            json.WriteString("severity"u8, advice.Severity.ToString().ToLowerInvariant());
            json.WriteString("text"u8, advice.Text);
            if (advice.Executor is { } executor) json.WriteNumber("executor"u8, executor);
            WriteText(json, "function", advice.Function);
        });
        json.WriteEndObject();
    }

    /// <summary>The name of an outcome.</summary>
    public static string NameOf(AttemptOutcome outcome) => outcome switch
    {
        AttemptOutcome.Succeeded => "succeeded",
        AttemptOutcome.TimedOut => "timed_out",
        AttemptOutcome.Canceled => "canceled",
        AttemptOutcome.Crashed => "crashed",
        AttemptOutcome.Retried => "retried",
        _ => "failed",
    };

    /// <summary>Writes a list of objects; the delegate writes the members of one.</summary>
    public static void WriteList<T>(Utf8JsonWriter json, string name, IEnumerable<T> values, Action<Utf8JsonWriter, T> members)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStartObject();
            members(json, value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Writes a text, shortened; nothing for null.</summary>
    public static void WriteText(Utf8JsonWriter json, string name, string? text, int most = LongestText)
    {
        if (text is not null) json.WriteString(name, text.Length <= most ? text : string.Concat(text.AsSpan(0, most), "…"));
    }

    public static void WriteMilliseconds(Utf8JsonWriter json, string name, TimeSpan time) => json.WriteNumber(name, Math.Round(time.TotalMilliseconds, 3));

    public static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset time) => WriteTime(json, name, time.UtcTicks);

    /// <summary>Writes ticks of UTC as milliseconds since 1970.</summary>
    public static void WriteTime(Utf8JsonWriter json, string name, long ticks) =>
        json.WriteNumber(name, Math.Round((ticks - DateTimeOffset.UnixEpoch.Ticks) / (double)TimeSpan.TicksPerMillisecond, 3));

    private static void WriteProcess(Utf8JsonWriter json, ProcessPicture process)
    {
        json.WriteStartObject("process"u8);
        json.WriteNumber("cpu"u8, Math.Round(process.Processors, 3));
        if (process.MachineLoad is { } load) json.WriteNumber("machine"u8, Math.Round(load, 3));
        json.WriteNumber("memory"u8, process.Memory);
        json.WriteNumber("heap"u8, process.Heap);
        json.WriteNumber("allocated"u8, process.Allocated);
        json.WriteNumber("gcPause"u8, Math.Round(process.GcPause, 4));
        json.WriteNumber("gen0"u8, process.Collections[0]);
        json.WriteNumber("gen1"u8, process.Collections[1]);
        json.WriteNumber("gen2"u8, process.Collections[2]);
        json.WriteNumber("poolThreads"u8, process.PoolThreads);
        json.WriteNumber("poolQueue"u8, process.PoolQueue);
        json.WriteEndObject();
    }

    private static void WriteWorker(Utf8JsonWriter json, int executor, WorkerActivity worker)
    {
        json.WriteNumber("executor"u8, executor);
        json.WriteNumber("worker"u8, worker.Number);
        WriteText(json, "name", worker.Name);
        if (worker.ProcessId is { } process) json.WriteNumber("process"u8, process);
        json.WriteString("state"u8, worker.State);
        json.WriteNumber("tasks"u8, worker.Tasks);
        if (worker.Memory is { } memory) json.WriteNumber("memory"u8, memory);
        if (worker.HeldFor is { } held) WriteMilliseconds(json, "held", held);
        WriteText(json, "heldBy", worker.HeldBy);
        if (worker.Task is not { } task) return;
        json.WriteNumber("task"u8, task.Id);
        WriteText(json, "function", task.Function);
        WriteMilliseconds(json, "for", task.For);
    }

    private static void WriteRunning(Utf8JsonWriter json, int executor, TaskActivity task)
    {
        json.WriteNumber("executor"u8, executor);
        json.WriteNumber("id"u8, task.Id);
        WriteText(json, "name", task.Name);
        WriteText(json, "function", task.Function);
        if (task.Worker != 0)
        {
            json.WriteNumber("worker"u8, task.Worker);
            WriteText(json, "workerName", task.WorkerName);
        }

        json.WriteNumber("attempt"u8, task.Attempt);
        WriteMilliseconds(json, "for", task.For);
        WriteTime(json, "since", task.Began);
        WriteTime(json, "queued", task.Submitted);
        json.WriteBoolean("stopping"u8, task.IsStopping);
        if (task.Fraction is { } fraction && double.IsFinite(fraction)) json.WriteNumber("fraction"u8, fraction);
        WriteText(json, "message", task.Message);
    }

    private static void WriteBar(Utf8JsonWriter json, LaneBar bar)
    {
        json.WriteNumber("executor"u8, bar.Executor);
        json.WriteNumber("worker"u8, bar.Worker);
        WriteTime(json, "from", bar.From);
        WriteTime(json, "to", bar.To);
        WriteTime(json, "queued", bar.Submitted);
        WriteText(json, "function", bar.Function);
        json.WriteNumber("id"u8, bar.Id);
        json.WriteNumber("attempt"u8, bar.Attempt);
        json.WriteString("outcome"u8, NameOf(bar.Outcome));
        if (bar.Count > 1) json.WriteNumber("count"u8, bar.Count);
    }
}
