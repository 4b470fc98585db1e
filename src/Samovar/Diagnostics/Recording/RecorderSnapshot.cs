namespace Samovar.Diagnostics.Recording;

/// <summary>What a <see cref="TaskRecorder"/> has recorded. Immutable, except that the next snapshot with the same buffer replaces
/// <see cref="NewAttempts"/>.</summary>
internal sealed record RecorderSnapshot
{
    /// <summary>How many attempts were recorded.</summary>
    public required long Recorded { get; init; }

    /// <summary>How many completed attempts were not recorded, because there were too many.</summary>
    public required long Skipped { get; init; }

    /// <summary>The time for serializing work and deserializing results.</summary>
    public required TimeSpan Shipping { get; init; }

    public required long ShippedBytes { get; init; }

    public required int FailuresKept { get; init; }

    public required long FailuresRecorded { get; init; }

    /// <summary>The attempts that were recorded since the last snapshot, as far as they are kept, the oldest first.</summary>
    public required List<RecordedAttempt> NewAttempts { get; init; }

    public required List<FunctionRecord> Functions { get; init; }
}
