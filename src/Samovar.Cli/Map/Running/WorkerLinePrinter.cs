namespace Samovar.Cli.Map.Running;

/// <summary>Prints the output of workers, each line with its process id. A crashing runtime writes its complete stack trace; the frames below the
/// tool's call of the method are printed only with --verbose.</summary>
/// <param name="write">Writes a line to stderr.</param>
/// <param name="whole">Whether to print complete stack traces.</param>
internal sealed class WorkerLinePrinter(Action<string> write, bool whole)
{
    private static readonly string[] s_lastWords = ["Process terminated.", "Unhandled exception. ", "Stack overflow.", "Fatal error. "];

    private const string Frame = "   at ";
    private const string ToolFrame = "   at Samovar.Cli.Map.";

    private readonly Lock _gate = new();
    private readonly Dictionary<int, bool> _dying = []; // crashing processes, and whether their stack trace has reached the tool's own frames

    /// <summary>Prints a line. Called on the thread that has read it.</summary>
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
