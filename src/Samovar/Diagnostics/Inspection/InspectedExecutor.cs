namespace Samovar.Diagnostics.Inspection;

/// <summary>An executor from the point of view of an observer outside this process: whether it has state to show, and its
/// snapshot.</summary>
internal abstract class InspectedExecutor
{
    /// <summary>Whether the executor has no more state to show.</summary>
    public abstract bool IsOver { get; }

    /// <summary>Requests a snapshot. The returned delegate produces it, even if the work that it shows is stuck. May be called on any
    /// thread.</summary>
    public abstract Func<TaskTreeNode> CaptureSnapshot(SnapshotRequest request);
}
