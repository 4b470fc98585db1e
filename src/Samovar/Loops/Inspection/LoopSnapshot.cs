using System.Diagnostics.CodeAnalysis;
using Samovar.Diagnostics.Inspection;
using Samovar.Loops.Core;

namespace Samovar.Loops.Inspection;

/// <summary>A snapshot of a loop for who looks from outside. The loop takes it itself, between two callbacks; if it does not come to that, it is taken
/// without it: that a stuck loop can be seen is what it is for.</summary>
internal sealed class LoopSnapshot(InspectedLoopOwner loop, SnapshotRequest request) : LoopProbe
{
    private readonly ManualResetEventSlim _taken = new();
    private TaskTreeNode? _snapshot;

    /// <param name="loop">The loop's owner.</param>
    /// <param name="isRunning">Whether a thread runs the loop.</param>
    /// <param name="request">What is to be shown, and how soon.</param>
    public static Func<TaskTreeNode> Ask(InspectedLoopOwner loop, bool isRunning, SnapshotRequest request)
    {
        if (!isRunning) return () => TaskTree.Of(loop, request.Most); // nothing can change meanwhile
        var snapshot = new LoopSnapshot(loop, request);
        loop.Core.Ask(snapshot);
        return snapshot.Get;
    }

    [SuppressMessage("Design", "CA1031", Justification = "The loop is not to end by being looked at; whoever looks is told.")]
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

        _taken.Set(); // a full fence: who has waited sees the snapshot
    }

    private TaskTreeNode Get() => _taken.Wait(request.TimeLeft) ? _snapshot! : TaskTree.Beside(loop, request.Most);
}
