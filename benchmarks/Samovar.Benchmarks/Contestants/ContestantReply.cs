using System.Text.Json.Serialization;

namespace Samovar.Benchmarks.Contestants;

/// <summary>A contestant's response to a request: a figure, or the reason why it has no figure.</summary>
internal sealed record ContestantReply
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Value { get; init; }

    /// <summary>The memory that the work took, where the contestant looked at it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Bytes { get; init; }

    /// <summary>What it needs and is not here.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Missing { get; init; }

    /// <summary>What went wrong.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }
}
