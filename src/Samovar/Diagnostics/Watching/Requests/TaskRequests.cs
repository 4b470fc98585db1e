using System.Text.Json;
using Samovar.Diagnostics.Inspection;
using Samovar.Primitives;

namespace Samovar.Diagnostics.Watching.Requests;

/// <summary>The lists of tasks that watchers request.</summary>
internal static class TaskRequests
{
    private const int LargestPage = 500;
    private const int LongestStack = 8 * 1024;

    /// <summary>Writes a page of the tasks that match a filter, the newest first.</summary>
    public static void WriteTasks(Utf8JsonWriter json, RequestArguments arguments)
    {
        var filter = new TaskFilter(arguments);
        long offset = Math.Max(0, arguments.Number("offset") ?? 0);
        int limit = (int)Math.Clamp(arguments.Number("limit") ?? 100, 1, LargestPage);
        long kept = 0, submitted = 0;
        List<ListedTask> found = [];
        foreach (var executor in ExecutorRegistry.Running())
        {
            if (arguments.Number("executor") is { } number && number != executor.Number) continue;
            submitted += executor.GetStatistics().Submitted;
            foreach (var task in ListedTask.Of(executor))
            {
                kept++;
                if (filter.Matches(task)) found.Add(task);
            }
        }

        found.Sort(static (one, other) => one.IsRunning != other.IsRunning ? other.IsRunning.CompareTo(one.IsRunning) : other.Attempt.Ended.CompareTo(one.Attempt.Ended));
        json.WriteNumber("total"u8, found.Count);
        json.WriteNumber("kept"u8, kept);
        json.WriteNumber("submitted"u8, submitted);
        PictureWriter.WriteList(json, "tasks", found.Skip((int)Math.Min(offset, int.MaxValue)).Take(limit), WriteMembers);
    }

    /// <summary>Writes what is known of one task.</summary>
    public static void WriteTask(Utf8JsonWriter json, RequestArguments arguments, bool showsArguments)
    {
        long id = arguments.Number("id") ?? 0;
        var executor = RequestHandler.Find(arguments);
        List<ListedTask> attempts = executor is not null ? [.. ListedTask.Of(executor).Where(task => task.Attempt.Id == id)] : [];
        if (attempts.Count == 0)
        {
            json.WriteString("error"u8, $"Nothing is known of task {id}: it has not started, or it completed before a watcher was connected, or too many have completed since.");
            return;
        }

        json.WriteStartObject("task"u8);
        WriteMembers(json, attempts[0]);
        json.WriteEndObject();
        var (kept, retried) = executor!.Recorder.Works.Read();
        json.WriteBoolean("retryable"u8, kept.Contains(id));
        if (retried.TryGetValue(id, out long again)) json.WriteNumber("retriedAs"u8, again);
        if (showsArguments) PictureWriter.WriteText(json, "arguments", attempts[0].Attempt.Arguments, ArgumentPreview.Longest + 1);
        PictureWriter.WriteList(json, "attempts", attempts.OrderBy(static task => task.Attempt.Attempt), WriteMembers);
        if (attempts.Find(static task => task.Attempt.Error is not null).Attempt.Error is not { } error) return;
        PictureWriter.WriteText(json, "stack", error.Stack, LongestStack);
    }

    private static void WriteMembers(Utf8JsonWriter json, ListedTask task)
    {
        var attempt = task.Attempt;
        json.WriteNumber("executor"u8, task.Executor);
        json.WriteNumber("id"u8, attempt.Id);
        PictureWriter.WriteText(json, "name", attempt.Name);
        PictureWriter.WriteText(json, "function", attempt.Function);
        if (attempt.Worker != 0)
        {
            json.WriteNumber("worker"u8, attempt.Worker);
            PictureWriter.WriteText(json, "workerName", attempt.WorkerName);
        }

        json.WriteNumber("attempt"u8, attempt.Attempt);
        json.WriteString("state"u8, task.State);
        if (attempt.RetryOf != 0) json.WriteNumber("retryOf"u8, attempt.RetryOf);
        PictureWriter.WriteTime(json, "queued", attempt.Submitted);
        PictureWriter.WriteTime(json, "from", attempt.Began);
        PictureWriter.WriteTime(json, "to", attempt.Ended);
        PictureWriter.WriteText(json, "type", attempt.Error?.Type);
        PictureWriter.WriteText(json, "message", attempt.Error?.Message);
    }
}
