using System.Text.Json;

namespace Samovar.Diagnostics.Inspection;

/// <summary>Writes snapshots of executors as lines of JSON, for another process to read.</summary>
/// <remarks>
/// <code>
/// {"samovar":1,"version":"0.1.0","pid":4711,"program":"app.dll --port 80"}
/// {"depth":0,"label":"event loop 'crawler'","state":"0 ready, 1 timers","awaits":[]}
/// {"depth":1,"label":"task 'fetch' (app.cs:12)","state":"running","awaits":["Program.FetchAsync (app.cs:30)","a sleep"]}
/// {"end":2}
/// </code>
/// The number in the first line is the version of the format; it is incremented when an old reader would misread the new format. A node is
/// a child of the nearest node before it with a smaller depth. The last line contains the number of nodes; a response without it is
/// truncated. It may be replaced by <c>{"error":"…"}</c>.
/// </remarks>
internal sealed class TreeLines(Stream stream)
{
    private const int Form = 1;

    private int _count;

    public void Begin() => Write(static (json, _) =>
    {
        string[] words = Environment.GetCommandLineArgs();
        json.WriteNumber("samovar"u8, Form);
        json.WriteString("version"u8, typeof(TreeLines).Assembly.GetName().Version?.ToString(3));
        json.WriteNumber("pid"u8, Environment.ProcessId);
        json.WriteString("program"u8, words is [var program, .. var arguments] ? string.Join(' ', [Path.GetFileName(program), .. arguments]) : "");
    }, 0);

    public void Add(TaskTreeNode root)
    {
        var left = new Stack<(TaskTreeNode Node, int Depth)>([(root, 0)]);
        while (left.TryPop(out var next))
        {
            _count++;
            Write(static (json, at) => WriteNode(json, at.Node, at.Depth), next);
            for (int i = next.Node.Children.Count - 1; i >= 0; i--) left.Push((next.Node.Children[i], next.Depth + 1));
        }
    }

    public void End() => Write(static (json, count) =>
    {
        json.WriteNumber("end"u8, count);
    }, _count);

    public void Fail(Exception error) => Write(static (json, error) =>
    {
        json.WriteString("error"u8, error.ToString());
    }, error);

    private static void WriteNode(Utf8JsonWriter json, TaskTreeNode node, int depth)
    {
        json.WriteNumber("depth"u8, depth);
        json.WriteString("label"u8, node.Label);
        json.WriteString("state"u8, node.State);
        json.WriteStartArray("awaits"u8);
        foreach (string line in node.Awaits) json.WriteStringValue(line);
        json.WriteEndArray();
    }

    private void Write<T>(Action<Utf8JsonWriter, T> members, T state)
    {
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            members(json, state);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }
}
