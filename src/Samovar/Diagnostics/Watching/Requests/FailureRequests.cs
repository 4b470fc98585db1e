using System.Text.Json;
using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Recording;

namespace Samovar.Diagnostics.Watching.Requests;

/// <summary>The failures that watchers request, in groups: those of the same function, with the same type of error, from the same place.</summary>
internal static class FailureRequests
{
    private const int LargestPage = 100;
    private const int MostIds = 20;
    private const int LongestStack = 8 * 1024;

    public static void Write(Utf8JsonWriter json, RequestArguments arguments)
    {
        int offset = (int)Math.Clamp(arguments.Number("offset") ?? 0, 0, int.MaxValue);
        int limit = (int)Math.Clamp(arguments.Number("limit") ?? 50, 1, LargestPage);
        var groups = ExecutorRegistry.Running()
            .SelectMany(static executor => executor.Recorder.ReadFailures().Select(failure => (executor.Number, Failure: failure)))
            .GroupBy(static one => (one.Number, one.Failure.Function, one.Failure.Error!.Type, one.Failure.Error.Frame))
            .OrderByDescending(static group => group.Max(static one => one.Failure.Ended))
            .ToList();
        json.WriteNumber("total"u8, groups.Count);
        PictureWriter.WriteList(json, "groups", groups.Skip(offset).Take(limit), WriteGroup);
    }

    private static void WriteGroup(Utf8JsonWriter json, IGrouping<(int Executor, string Function, string Type, string Frame), (int Executor, RecordedAttempt Failure)> group)
    {
        var newest = group.First().Failure;
        json.WriteNumber("executor"u8, group.Key.Executor);
        PictureWriter.WriteText(json, "function", group.Key.Function);
        PictureWriter.WriteText(json, "type", group.Key.Type);
        PictureWriter.WriteText(json, "frame", group.Key.Frame, LongestStack);
        json.WriteNumber("count"u8, group.Count());
        PictureWriter.WriteTime(json, "first", group.Min(static one => one.Failure.Ended));
        PictureWriter.WriteTime(json, "last", newest.Ended);
        PictureWriter.WriteText(json, "message", newest.Error!.Message, LongestStack);
        PictureWriter.WriteText(json, "stack", newest.Error.Stack, LongestStack);
        json.WriteStartArray("ids"u8);
        foreach (var (_, failure) in group.Take(MostIds)) json.WriteNumberValue(failure.Id);
        json.WriteEndArray();
    }
}
