using System.Text;

namespace Samovar;

/// <summary>A loop, a group or a task in the task tree that <see cref="EventLoop.GetTaskTreeAsync"/> returns. Immutable;
/// <see cref="ToString"/> formats the whole subtree.</summary>
/// <param name="Label">What the node is: its name, and where it was started.</param>
/// <param name="State">Its state.</param>
/// <param name="Awaits">The methods that it awaits in, from the outermost to the innermost, and last what the innermost waits for. Empty if
/// it waits for nothing.</param>
/// <param name="Children">The nodes inside it.</param>
public sealed record TaskTreeNode(string Label, string State, IReadOnlyList<string> Awaits, IReadOnlyList<TaskTreeNode> Children)
{
    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        Print(text, "", "");
        return text.ToString();
    }

    private void Print(StringBuilder text, string first, string rest)
    {
        text.Append(first).Append(Label);
        if (State.Length > 0) text.Append(": ").Append(State);
        text.AppendLine();
        string beneath = rest + (Children.Count > 0 ? "│    " : "     ");
        for (int i = 0; i < Awaits.Count; i++) text.Append(beneath).Append(i == 0 ? "awaits at " : "       at ").AppendLine(Awaits[i]);
        for (int i = 0; i < Children.Count; i++)
        {
            bool isLast = i == Children.Count - 1;
            Children[i].Print(text, rest + (isLast ? "└─ " : "├─ "), rest + (isLast ? "   " : "│  "));
        }
    }
}
