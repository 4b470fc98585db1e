using System.Text.Json;

namespace Samovar.Cli.Ps;

/// <summary>Reads the lines of a response; TreeLines in the library writes them, and documents their format. The input is untrusted.</summary>
internal static class SnapshotReader
{
    private const int Form = 1;
    private const int Deepest = 2_000; // the library writes at most 1,000 levels

    /// <exception cref="InvalidDataException">The lines are malformed.</exception>
    /// <exception cref="EndOfStreamException">The response is incomplete.</exception>
    public static ProcessSnapshot Read(Stream answer)
    {
        using var lines = new StreamReader(answer);
        using var first = Next(lines);
        int form = Number(first.RootElement, "samovar");
        if (form != Form) throw new InvalidDataException($"its format version is {form}, and this tool reads version {Form}");
        var forest = new List<Growing>();
        var above = new Stack<(Growing Node, int Depth)>();
        int count = 0;
        while (true)
        {
            using var line = Next(lines);
            var root = line.RootElement;
            if (root.TryGetProperty("error", out _)) throw new InvalidDataException($"the process failed to create it: {Text(root, "error")}");
            if (root.TryGetProperty("end", out _))
            {
                if (Number(root, "end") != count) throw new InvalidDataException($"it has {count} nodes, expected {Number(root, "end")}");
                return new ProcessSnapshot(
                    Number(first.RootElement, "pid"), Text(first.RootElement, "program"), Text(first.RootElement, "version"), [.. forest.Select(static node => node.ToNode())]);
            }

            count++;
            var node = new Growing(Text(root, "label"), Text(root, "state"), Texts(root, "awaits"));
            int depth = Number(root, "depth");
            if (depth is < 0 or > Deepest) throw new InvalidDataException($"a node is {depth} levels deep");
            while (above.TryPeek(out var last) && last.Depth >= depth) above.Pop();
            if (above.TryPeek(out var parent)) parent.Node.Children.Add(node);
            else forest.Add(node);
            above.Push((node, depth));
        }
    }

    private static JsonDocument Next(StreamReader lines)
    {
        string line = lines.ReadLine() ?? throw new EndOfStreamException();
        try
        {
            var document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
            document.Dispose();
            throw new InvalidDataException("a line is not a JSON object");
        }
        catch (JsonException error) when (lines.Peek() < 0)
        {
            throw new EndOfStreamException("the last line is truncated", error);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"a line is not valid JSON ({error.Message})", error);
        }
    }

    private static int Number(JsonElement line, string name) =>
        line.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number)
            ? number
            : throw new InvalidDataException($"the number '{name}' is missing");

    private static string Text(JsonElement line, string name) =>
        line.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new InvalidDataException($"the string '{name}' is missing");

    private static string[] Texts(JsonElement line, string name) =>
        line.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(static text => text.ValueKind == JsonValueKind.String ? text.GetString()! : "")]
            : throw new InvalidDataException($"the array '{name}' is missing");

    private sealed class Growing(string label, string state, string[] awaits)
    {
        public List<Growing> Children { get; } = [];

        public TaskTreeNode ToNode() => new(label, state, awaits, Children.ConvertAll(static child => child.ToNode()));
    }
}
