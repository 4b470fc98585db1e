namespace Samovar.Diagnostics.Inspection;

/// <summary>An executor as it is shown to an observer outside of this process: whether there is anything to show, and its snapshot.</summary>
internal abstract class InspectedExecutor
{
    /// <summary>Whether there is nothing to see any more.</summary>
    public abstract bool IsOver { get; }

    /// <summary>Asks for a snapshot of what it does. The result returns it, even where the work that it shows is stuck. From any thread.</summary>
    public abstract Func<TaskTreeNode> CaptureSnapshot(SnapshotRequest request);
}
