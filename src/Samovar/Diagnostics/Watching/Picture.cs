using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Watching.Advising;

namespace Samovar.Diagnostics.Watching;

/// <summary>What this process does at a moment, and what it did since the last picture. Immutable.</summary>
internal sealed record Picture
{
    /// <summary>The number of the picture, from 1.</summary>
    public required long Number { get; init; }

    /// <summary>When it was taken.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The time since the picture before; zero for the first.</summary>
    public required TimeSpan Since { get; init; }

    public required ProcessPicture Process { get; init; }

    public required IReadOnlyList<ExecutorPicture> Executors { get; init; }

    /// <summary>The bars of the attempts that completed since the picture before, the oldest first.</summary>
    public IReadOnlyList<LaneBar> Lanes { get; init; } = [];

    /// <summary>How many attempts have no bar, because there were too many.</summary>
    public int LanesDropped { get; init; }

    /// <summary>The members of clusters in this process, with their numbers.</summary>
    public IReadOnlyList<(int Number, MemberActivity Member)> Members { get; init; } = [];

    /// <summary>The locks that no other caller can enter now.</summary>
    public IReadOnlyList<HeldLock> Held { get; init; } = [];

    public IReadOnlyList<Advice> Advice { get; init; } = [];
}
