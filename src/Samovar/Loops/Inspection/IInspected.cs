namespace Samovar.Loops.Inspection;

/// <summary>What the task tree shows together with what is in it: a group of tasks, or a task of a group.</summary>
internal interface IInspected
{
    /// <summary>How it is named in reports.</summary>
    string Label { get; }

    /// <summary>Its node of the tree.</summary>
    /// <param name="tree">The tree, which adds the children.</param>
    /// <param name="depth">How many groups there are around it, with itself.</param>
    TaskTreeNode Show(TaskTree tree, int depth);
}
