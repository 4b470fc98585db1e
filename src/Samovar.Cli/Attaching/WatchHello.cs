using System.Text.Json;

namespace Samovar.Cli.Attaching;

/// <summary>The first line of a watched process.</summary>
internal sealed record WatchHello
{
    private const int Protocol = 1;

    /// <summary>The line itself, without its end.</summary>
    public required byte[] Line { get; init; }

    public required int Pid { get; init; }

    /// <summary>The command line, without the folder of the program.</summary>
    public required string Program { get; init; }

    /// <summary>The version of Samovar in the process; empty if it is not known.</summary>
    public string Version { get; init; } = "";

    public string Framework { get; init; } = "";

    /// <summary>How many processors the process may use; 0 if it is not known.</summary>
    public int Cores { get; init; }

    /// <summary>When the process started; null if it is not known.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>Reads the line, which is untrusted.</summary>
    /// <exception cref="InvalidDataException">The line is malformed, or has another version of the protocol.</exception>
    public static WatchHello Read(byte[] line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) throw new InvalidDataException("its first line is not a JSON object");
            if (Number(root, "samovar") is not { } protocol) throw new InvalidDataException("its first line has no version");
            if (protocol != Protocol) throw new InvalidDataException($"its protocol has version {protocol}, and this tool reads version {Protocol}");
            return new WatchHello
            {
                Line = line,
                Pid = (int)Math.Clamp(Number(root, "pid") ?? throw new InvalidDataException("its first line has no process"), 0, int.MaxValue),
                Program = Text(root, "program"),
                Version = Text(root, "version"),
                Framework = Text(root, "framework"),
                Cores = (int)Math.Clamp(Number(root, "cores") ?? 0, 0, 1 << 20),
                Started = Number(root, "started") is { } started and > 0 and < 1e13 ? DateTimeOffset.FromUnixTimeMilliseconds((long)started) : null,
            };
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"its first line is not valid JSON ({error.Message})", error);
        }
    }

    private static double? Number(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) ? number : null;

    private static string Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
