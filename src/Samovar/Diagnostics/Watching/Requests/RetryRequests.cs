using System.Text.Json;
using Samovar.Diagnostics.Inspection;

namespace Samovar.Diagnostics.Watching.Requests;

/// <summary>Runs the work of failed tasks again, when a watcher requests it: that of one task, or of all tasks of a group of failures.</summary>
internal static class RetryRequests
{
    private const int MostIds = 20;

    public static void Write(Utf8JsonWriter json, RequestArguments arguments)
    {
        if (RequestHandler.Find(arguments) is not { } executor)
        {
            Write(json, [], "The executor has stopped.");
            return;
        }

        List<long> tasks = arguments.Number("id") is { } id ? [id] : TasksOf(executor, arguments);
        List<long> retried = [];
        string? why = tasks.Count == 0 ? "The work of none of these failures is kept." : null;
        foreach (long task in tasks)
        {
            var result = executor.Retry(task);
            if (result.Why is null) retried.Add(result.Task);
            else why ??= result.Why;
        }

        Write(json, retried, why);
    }

    /// <summary>Returns the tasks of a group whose work is kept, the oldest first.</summary>
    private static List<long> TasksOf(InspectedExecutor executor, RequestArguments arguments)
    {
        var (kept, _) = executor.Recorder.Works.Read();
        var group = new FailureGroup(executor.Number, arguments.Text("function") ?? "", arguments.Text("type") ?? "", arguments.Text("frame") ?? "");
        return [.. executor.Recorder.ReadFailures().Where(failure => FailureGroup.Of(executor.Number, failure) == group && kept.Contains(failure.Id)).Select(static failure => failure.Id).Distinct().Order()];
    }

    private static void Write(Utf8JsonWriter json, List<long> retried, string? why)
    {
        json.WriteBoolean("done"u8, retried.Count > 0);
        json.WriteNumber("retried"u8, retried.Count);
        json.WriteStartArray("tasks"u8);
        foreach (long task in retried.Take(MostIds)) json.WriteNumberValue(task);
        json.WriteEndArray();
        if (why is not null) PictureWriter.WriteText(json, "why", why);
    }
}
