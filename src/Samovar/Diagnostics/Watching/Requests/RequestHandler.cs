using System.Text.Json;
using Samovar.Diagnostics.Inspection;

namespace Samovar.Diagnostics.Watching.Requests;

/// <summary>Answers the requests of a watcher. Thread-safe: it has no state.</summary>
/// <param name="allowsCommands">Whether the watcher may change something.</param>
/// <param name="showsArguments">Whether the watcher gets previews of arguments; another one may have them recorded.</param>
/// <param name="holds">For how long locks are held.</param>
internal sealed class RequestHandler(bool allowsCommands, bool showsArguments, HoldWatch holds)
{
    private const int MostNodes = 5_000;

    /// <summary>Writes the reply to a request as one object.</summary>
    /// <exception cref="InvalidDataException">The request is not an object with a number: it cannot be answered.</exception>
    public void Answer(JsonElement request, Utf8JsonWriter json)
    {
        var arguments = new RequestArguments(request);
        json.WriteStartObject();
        json.WriteNumber("reply"u8, arguments.Number("ask") ?? throw new InvalidDataException("A request has no number."));
        string what = arguments.Text("what") ?? "";
        switch (what)
        {
            case "tasks":
                TaskRequests.WriteTasks(json, arguments);
                break;
            case "task":
                TaskRequests.WriteTask(json, arguments, showsArguments);
                break;
            case "failures":
                FailureRequests.Write(json, arguments, showsArguments);
                break;
            case "tree":
                WriteTree(json, arguments);
                break;
            case "primitives":
                PrimitiveRequests.Write(json, arguments, holds);
                break;
            case "cancel" or "kill" or "retire" or "retry" when !allowsCommands:
                json.WriteString("error"u8, $"'{what}' is a command, and this watcher may only read.");
                break;
            case "cancel":
                json.WriteBoolean("done"u8, Find(arguments)?.TryCancel(arguments.Number("id") ?? 0) ?? false);
                break;
            case "kill":
                json.WriteBoolean("done"u8, Find(arguments)?.TryKill(arguments.Number("id") ?? 0) ?? false);
                break;
            case "retire":
                json.WriteBoolean("done"u8, Find(arguments)?.TryRetire((int)(arguments.Number("worker") ?? 0)) ?? false);
                break;
            case "retry":
                RetryRequests.Write(json, arguments);
                break;
            default:
                json.WriteString("error"u8, $"'{what}' is not a request that this version of Samovar knows.");
                break;
        }

        json.WriteEndObject();
    }

    /// <summary>Returns the executor that a request names; null if it does not exist.</summary>
    public static InspectedExecutor? Find(RequestArguments arguments) =>
        arguments.Number("executor") is { } number ? ExecutorRegistry.Running().Find(executor => executor.Number == number) : null;

    private static void WriteTree(Utf8JsonWriter json, RequestArguments arguments)
    {
        int most = (int)Math.Clamp(arguments.Number("most") ?? 20, 1, 1_000), left = MostNodes;
        json.WriteStartArray("nodes"u8);
        foreach (var root in ExecutorRegistry.Show(new SnapshotRequest(most)))
        {
            var open = new Stack<(TaskTreeNode Node, int Depth)>([(root, 0)]);
            while (open.TryPop(out var next) && left-- > 0)
            {
                json.WriteStartObject();
                json.WriteNumber("depth"u8, next.Depth);
                PictureWriter.WriteText(json, "label", next.Node.Label);
                PictureWriter.WriteText(json, "state", next.Node.State);
                json.WriteStartArray("awaits"u8);
                foreach (string line in next.Node.Awaits) json.WriteStringValue(line);
                json.WriteEndArray();
                json.WriteEndObject();
                for (int i = next.Node.Children.Count - 1; i >= 0; i--) open.Push((next.Node.Children[i], next.Depth + 1));
            }
        }

        json.WriteEndArray();
        if (left < 0) json.WriteBoolean("cut"u8, true);
    }
}
