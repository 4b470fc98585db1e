namespace Samovar.Cli.Map.Running;

/// <summary>Shows what workers write, each line behind its process. When a runtime dies it writes its whole stack; of that, what is neither
/// the framework's nor Samovar's is shown, and all of it where whole errors are asked for.</summary>
/// <param name="write">Writes a line to stderr.</param>
/// <param name="whole">Whether to leave nothing out.</param>
internal sealed class WorkerLines(Action<string> write, bool whole)
{
    private static readonly string[] s_lastWords = ["Process terminated.", "Unhandled exception. ", "Stack overflow.", "Fatal error. "];

    private readonly Lock _gate = new();
    private readonly HashSet<int> _dying = [];

    /// <summary>Takes a line, on whatever thread has read it.</summary>
    public void Take(WorkerLine line)
    {
        if (!whole && line.IsError && IsNoise(line)) return;
        write($"[{line.ProcessId}] {line.Text}");
    }

    private bool IsNoise(WorkerLine line)
    {
        lock (_gate)
        {
            if (Array.Exists(s_lastWords, word => line.Text.StartsWith(word, StringComparison.Ordinal))) _dying.Add(line.ProcessId);
            else if (_dying.Contains(line.ProcessId))
                return line.Text.StartsWith("   at System.", StringComparison.Ordinal) || line.Text.StartsWith("   at Samovar.", StringComparison.Ordinal);
            return false;
        }
    }
}
