using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Running;

namespace Samovar.Cli.Map.Outputs;

/// <summary>Writes results and the job log so that they are consistent whenever and however the tool exits.</summary>
/// <remarks>
/// The protocol that lets a killed run resume without losing or repeating an item:
/// <list type="number">
/// <item>Both files are append-only. One thread appends to both, item by item, in the same order: that in which items finish, or that of
/// the input with --keep-order. The protocol does not depend on the order.</item>
/// <item>An item's line in the log records the length of the results including its own result: <c>end</c>. So <c>end</c> never decreases
/// from one line to the next.</item>
/// <item>Buffered results are written before the buffered log. Whenever the process is killed, every complete line of the log refers to
/// results that are in the file; the file may contain more, and both may end with a partial write.</item>
/// <item>To resume (<see cref="ResumePoint"/>), the log is truncated after its last complete line, and the results to the <c>end</c> of that
/// line. Both files are then as if the run had stopped there. Items with a line are finished; all others run, including those whose
/// result was truncated.</item>
/// </list>
/// This holds if the process is killed, even with SIGKILL, because the kernel keeps completed writes. After a power failure it holds only
/// as far as the file system writes in order, because the tool does not flush every item to disk.
/// </remarks>
/// <param name="results">Formats results into the output.</param>
/// <param name="log">The job log; null for none.</param>
internal sealed class ResultLog(ResultFormatter results, JobLog? log)
{
    private const int LargestGathering = 64 * 1024;

    /// <summary>Appends a finished item to the results and the log.</summary>
    /// <returns>The report; a failure if the result does not fit the format.</returns>
    /// <exception cref="OutputLostException">A file cannot be written.</exception>
    public ItemReport Append(in InputItem item, ItemReport report)
    {
        if (results.Write(item, report) is { } misfit)
            report = report with { Status = ItemStatus.Failed, Text = misfit, ErrorType = ResultFormatter.MisfitType };
        log?.Append(item, report, results.Output.Length);
        if (results.Output.Pending + (log?.Pending ?? 0) > LargestGathering) Flush();
        return report;
    }

    /// <summary>Writes the buffered data. Called before any wait, and at the end.</summary>
    /// <exception cref="OutputLostException">A file cannot be written.</exception>
    public void Flush()
    {
        results.Output.Flush();
        log?.Flush();
    }

    /// <summary>Closes both files without writing buffered data.</summary>
    public void Close()
    {
        results.Output.Close();
        log?.Close();
    }
}
