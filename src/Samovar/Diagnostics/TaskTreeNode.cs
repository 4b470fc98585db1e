using System.Text;

namespace Samovar;

/// <summary>A loop, a group or a task as <see cref="EventLoop.GetTaskTreeAsync"/> shows it. Immutable; <see cref="ToString"/> prints the whole tree.</summary>
/// <param name="Label">What it is: name, and where it was started.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Awaits">What it waits for, from the outermost method to the innermost, and at last what that waits for. Empty when it waits for nothing.</param>
/// <param name="Children">What stands in it.</param>
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
