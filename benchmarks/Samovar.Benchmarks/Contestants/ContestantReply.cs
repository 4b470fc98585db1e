using System.Text.Json.Serialization;

namespace Samovar.Benchmarks.Contestants;

/// <summary>A contestant's response to a request: a figure, or the reason why it has no figure.</summary>
internal sealed record ContestantReply
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Value { get; init; }

    /// <summary>The memory that the work took, in bytes; null if the contestant did not measure it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Bytes { get; init; }

    /// <summary>What the contestant needs and is not installed; null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Missing { get; init; }

    /// <summary>The error; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }
}
