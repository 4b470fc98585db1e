namespace Samovar.Loops.Inspection;

/// <summary>A group of tasks, or a task of a group: the task tree shows it together with its children.</summary>
internal interface IInspected
{
    /// <summary>The name in reports.</summary>
    string Label { get; }

    /// <summary>Creates the node of the tree.</summary>
    /// <param name="tree">The tree, which adds the children.</param>
    /// <param name="depth">The number of enclosing groups, including this one.</param>
    TaskTreeNode Show(TaskTree tree, int depth);
}
