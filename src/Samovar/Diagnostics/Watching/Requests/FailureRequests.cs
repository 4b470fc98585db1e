using System.Text.Json;
using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Recording;
using Samovar.Primitives;

namespace Samovar.Diagnostics.Watching.Requests;

/// <summary>The failures that watchers request, in groups: those of the same function, with the same type of error, from the same place.</summary>
internal static class FailureRequests
{
    private const int LargestPage = 100;
    private const int MostIds = 20;
    private const int LongestStack = 8 * 1024;

    public static void Write(Utf8JsonWriter json, RequestArguments arguments, bool showsArguments)
    {
        int offset = (int)Math.Clamp(arguments.Number("offset") ?? 0, 0, int.MaxValue);
        int limit = (int)Math.Clamp(arguments.Number("limit") ?? 50, 1, LargestPage);
        var executors = ExecutorRegistry.Running();
        var works = executors.ToDictionary(static executor => executor.Number, static executor => executor.Recorder.Works.Read());
        var groups = executors
            .SelectMany(static executor => executor.Recorder.ReadFailures().Select(failure => (executor.Number, Failure: failure)))
            .GroupBy(static one => FailureGroup.Of(one.Number, one.Failure), static one => one.Failure)
            .OrderByDescending(static group => group.Max(static failure => failure.Ended))
            .ToList();
        json.WriteNumber("total"u8, groups.Count);
        PictureWriter.WriteList(json, "groups", groups.Skip(offset).Take(limit), (json, group) => WriteGroup(json, group, works[group.Key.Executor], showsArguments));
    }

    private static void WriteGroup(
        Utf8JsonWriter json, IGrouping<FailureGroup, RecordedAttempt> group, (HashSet<long> Kept, Dictionary<long, long> Retried) works,
        bool showsArguments)
    {
        var newest = group.First();
        json.WriteNumber("executor"u8, group.Key.Executor);
        PictureWriter.WriteText(json, "function", group.Key.Function, FailureGroup.LongestText);
        PictureWriter.WriteText(json, "type", group.Key.Type, FailureGroup.LongestText);
        PictureWriter.WriteText(json, "frame", group.Key.Frame, FailureGroup.LongestText);
        json.WriteNumber("count"u8, group.Count());
        PictureWriter.WriteTime(json, "first", group.Min(static failure => failure.Ended));
        PictureWriter.WriteTime(json, "last", newest.Ended);
        PictureWriter.WriteText(json, "message", newest.Error!.Message, LongestStack);
        PictureWriter.WriteText(json, "stack", newest.Error.Stack, LongestStack);
        if (showsArguments) PictureWriter.WriteText(json, "arguments", newest.Arguments, ArgumentPreview.Longest + 1);
        var ids = group.Select(static failure => failure.Id).Distinct().ToList();
        json.WriteNumber("retryable"u8, ids.Count(works.Kept.Contains));
        json.WriteNumber("retried"u8, ids.Count(works.Retried.ContainsKey));
        PictureWriter.WriteList(json, "tasks", ids.Take(MostIds), (json, id) =>
        {
            json.WriteNumber("id"u8, id);
            json.WriteBoolean("retryable"u8, works.Kept.Contains(id));
            if (works.Retried.TryGetValue(id, out long again)) json.WriteNumber("retriedAs"u8, again);
        });
    }
}
