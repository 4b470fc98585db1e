namespace Samovar.Cli.Map.Running;

/// <summary>Shows what workers write, each line behind its process. A runtime that dies writes its whole stack; it is shown down to where
/// the tool called the method, and all of it where whole errors are asked for.</summary>
/// <param name="write">Writes a line to stderr.</param>
/// <param name="whole">Whether to leave nothing out.</param>
internal sealed class WorkerLinePrinter(Action<string> write, bool whole)
{
    private static readonly string[] s_lastWords = ["Process terminated.", "Unhandled exception. ", "Stack overflow.", "Fatal error. "];

    private const string Frame = "   at ";
    private const string ToolFrame = "   at Samovar.Cli.Map.";

    private readonly Lock _gate = new();
    private readonly Dictionary<int, bool> _dying = []; // processes, and whether their stack has come to the tool's own frames

    /// <summary>Takes a line, on whatever thread has read it.</summary>
    public void Take(WorkerOutputLine line)
    {
        if (!whole && line.IsError && IsNoise(line)) return;
        write($"[{line.ProcessId}] {line.Text}");
    }

    private bool IsNoise(WorkerOutputLine line)
    {
        lock (_gate)
        {
            if (Array.Exists(s_lastWords, word => line.Text.StartsWith(word, StringComparison.Ordinal))) _dying[line.ProcessId] = false;
            else if (_dying.ContainsKey(line.ProcessId) && line.Text.StartsWith(ToolFrame, StringComparison.Ordinal)) _dying[line.ProcessId] = true;
            return _dying.TryGetValue(line.ProcessId, out bool isBelow) && isBelow && line.Text.StartsWith(Frame, StringComparison.Ordinal);
        }
    }
}
