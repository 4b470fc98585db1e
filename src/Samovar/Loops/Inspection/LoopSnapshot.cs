using System.Diagnostics.CodeAnalysis;
using Samovar.Diagnostics.Inspection;
using Samovar.Loops.Core;

namespace Samovar.Loops.Inspection;

/// <summary>A snapshot of a loop that another thread requests. The loop takes it between two callbacks. If the loop does not get to it in time, the
/// requesting thread takes it instead, because a stuck loop must be visible too.</summary>
internal sealed class LoopSnapshot(InspectedLoopOwner loop, SnapshotRequest request) : LoopProbe
{
    private readonly ManualResetEventSlim _taken = new();
    private TaskTreeNode? _snapshot;

    /// <param name="loop">The loop's owner.</param>
    /// <param name="isRunning">Whether a thread runs the loop.</param>
    /// <param name="request">What to show, and the time limit.</param>
    public static Func<TaskTreeNode> Ask(InspectedLoopOwner loop, bool isRunning, SnapshotRequest request)
    {
        if (!isRunning) return () => TaskTree.Of(loop, request.Most); // no thread changes the loop's state
        var snapshot = new LoopSnapshot(loop, request);
        loop.Core.Ask(snapshot);
        return snapshot.Get;
    }

    [SuppressMessage("Design", "CA1031", Justification = "An inspection must not stop the loop; the error is returned in the snapshot.")]
    public override void Run()
    {
        try
        {
            _snapshot = TaskTree.Of(loop, request.Most);
        }
        catch (Exception error)
        {
            _snapshot = new TaskTreeNode($"event loop '{loop.Name}'", $"cannot be shown: {error}", [], []);
        }

        _taken.Set(); // a full fence: a thread that has waited sees the snapshot
    }

    private TaskTreeNode Get() => _taken.Wait(request.TimeLeft) ? _snapshot! : TaskTree.Beside(loop, request.Most);
}
