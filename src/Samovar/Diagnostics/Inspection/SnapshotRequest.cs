using System.Diagnostics;

namespace Samovar.Diagnostics.Inspection;

/// <summary>A request from outside for a snapshot of this process, and the time within which loops must respond themselves.</summary>
/// <param name="most">The maximum number of children to show for a node; the others are counted.</param>
internal sealed class SnapshotRequest(int most)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(250);

    private readonly long _began = Stopwatch.GetTimestamp();

    public int Most => most;

    /// <summary>The time left to wait for responses, shared by all loops. After that, the snapshot is taken from outside the
    /// loop.</summary>
    public TimeSpan TimeLeft
    {
        get
        {
            var left = s_patience - Stopwatch.GetElapsedTime(_began);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }
}
