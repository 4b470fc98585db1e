using System.Text.Json;
using Samovar.Diagnostics.Inspection;

namespace Samovar.Diagnostics.Watching.Requests;

/// <summary>A request for what the broker of a cluster knows, or for what becomes of dead letters.</summary>
internal sealed record MemberRequest
{
    private const int MostLetters = 100;
    private const int LongestReason = 2_000;

    /// <summary>The number of the request.</summary>
    public required long Number { get; init; }

    public required string What { get; init; }

    /// <summary>The number of the member.</summary>
    public long Member { get; init; }

    /// <summary>How many dead letters to read at most.</summary>
    public int Most { get; init; }

    /// <summary>The ids of the dead letters to settle; null for all.</summary>
    public IReadOnlySet<string>? Ids { get; init; }

    /// <summary>What becomes of them: retry, drop.</summary>
    public string? Action { get; init; }

    /// <summary>Reads a request; returns null if its kind is another one.</summary>
    /// <exception cref="InvalidDataException">The request has no number.</exception>
    public static MemberRequest? Read(JsonElement request)
    {
        var arguments = new RequestArguments(request);
        if (arguments.Text("what") is not ("cluster" or "letters" or "settle") || arguments.Text("what") is not { } what) return null;
        return new MemberRequest
        {
            Number = arguments.Number("ask") ?? throw new InvalidDataException("A request has no number."),
            What = what,
            Member = arguments.Number("member") ?? 0,
            Most = (int)Math.Clamp(arguments.Number("limit") ?? 50, 1, MostLetters),
            Ids = request.TryGetProperty("all", out var all) && all.ValueKind == JsonValueKind.True ? null : arguments.Texts("ids"),
            Action = arguments.Text("action"),
        };
    }

    /// <summary>Carries the request out, and returns what writes the members of its reply.</summary>
    public async Task<Action<Utf8JsonWriter>> RunAsync(CancellationToken cancellationToken)
    {
        if (MemberRegistry.Present().Find(one => one.Number == Member).Member is not { } member) return Error($"There is no member {Member} of a cluster in this program.");
        switch (What)
        {
            case "cluster":
                var queues = await member.ReadQueuesAsync(cancellationToken).ConfigureAwait(false);
                return json => Write(json, queues);
            case "letters":
                var letters = await member.ReadLettersAsync(Most, cancellationToken).ConfigureAwait(false);
                return json => PictureWriter.WriteList(json, "letters", letters, Write);
            default:
                if (Action is not ("retry" or "drop")) return Error("The action for dead letters is 'retry' or 'drop'.");
                int settled = await member.SettleLettersAsync(Ids, Action == "retry", cancellationToken).ConfigureAwait(false);
                return json =>
                {
                    json.WriteBoolean("done"u8, settled > 0);
                    json.WriteNumber("count"u8, settled);
                };
        }
    }

    /// <summary>Returns what writes an error as the reply.</summary>
    public static Action<Utf8JsonWriter> Error(string text) => json => json.WriteString("error"u8, text);

    private static void Write(Utf8JsonWriter json, QueueLengths queues)
    {
        json.WriteNumber("high"u8, queues.High);
        json.WriteNumber("normal"u8, queues.Normal);
        json.WriteNumber("low"u8, queues.Low);
        json.WriteNumber("dead"u8, queues.Dead);
    }

    private static void Write(Utf8JsonWriter json, InspectedLetter letter)
    {
        json.WriteString("id"u8, letter.Id);
        json.WriteString("queue"u8, letter.Queue);
        PictureWriter.WriteText(json, "reason", letter.Reason, LongestReason);
        json.WriteNumber("bytes"u8, letter.Length);
        if (letter.Time is { } time) PictureWriter.WriteTime(json, "time", time);
        PictureWriter.WriteText(json, "movedBy", letter.Member);
        if (letter.Deliveries > 0) json.WriteNumber("deliveries"u8, letter.Deliveries);
        PictureWriter.WriteText(json, "problem", letter.Problem, LongestReason);
        PictureWriter.WriteText(json, "build", letter.Build);
        json.WriteNumber("tasks"u8, letter.Tasks);
        json.WriteStartArray("firstTasks"u8);
        foreach (string task in letter.FirstTasks) json.WriteStringValue(task);
        json.WriteEndArray();
    }
}
