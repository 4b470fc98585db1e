using System.Diagnostics;

namespace Samovar.Diagnostics.Inspection;

/// <summary>What somebody outside wants to see of this process, and how long those it is about may take to show it themselves.</summary>
/// <param name="most">How many children of a node are shown; the others are counted.</param>
internal sealed class SnapshotRequest(int most)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(250);

    private readonly long _began = Stopwatch.GetTimestamp();

    public int Most => most;

    /// <summary>How long an answer is still awaited, by all together: then the snapshot is taken from outside.</summary>
    public TimeSpan TimeLeft
    {
        get
        {
            var left = s_patience - Stopwatch.GetElapsedTime(_began);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }
}
