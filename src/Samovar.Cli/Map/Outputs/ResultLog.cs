using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Running;

namespace Samovar.Cli.Map.Outputs;

/// <summary>Writes results and job log so that both agree whenever the tool ends, and however.</summary>
/// <remarks>
/// The protocol, by which a run that was killed is continued without losing or repeating an item:
/// <list type="number">
/// <item>Both files only ever grow, and one thread appends to both, item by item, in the same order: that in which items end (or that of
/// the input, where that is asked for). The order of the input does not matter here.</item>
/// <item>An item's line in the log holds the length that the results have with its own result: <c>end</c>. So <c>end</c> never falls from
/// one line to the next.</item>
/// <item>What is gathered is written results first, then the log. Whatever the moment of a kill, every whole line of the log speaks
/// of results that are in the file; the file may hold more, and both may end in a torn write.</item>
/// <item>To continue (<see cref="ResumePoint"/>): the log is cut after its last whole line, the results are cut to that line's
/// <c>end</c>. Then both are as if the run had stopped there. Items with a line are done; all others run, also those whose result
/// was cut.</item>
/// </list>
/// It holds against the end of the process, kill -9 included, whose writes the kernel keeps. Against a machine that loses power it holds
/// as far as the file system writes in order; the tool does not force every item to the disk.
/// </remarks>
/// <param name="results">Turns reports into bytes of the output.</param>
/// <param name="log">The job log; null for none.</param>
internal sealed class ResultLog(ResultFormatter results, JobLog? log)
{
    private const int LargestGathering = 64 * 1024;

    /// <summary>Notes an item that has ended.</summary>
    /// <returns>The report; of a failure where the results have no place for this one.</returns>
    /// <exception cref="OutputLostException">It cannot be written.</exception>
    public ItemReport Append(in InputItem item, ItemReport report)
    {
        if (report is { Status: ItemStatus.Succeeded, Text: not null } && results.Write(item, report.Text) is { } misfit)
            report = report with { Status = ItemStatus.Failed, Text = misfit, ErrorType = ResultFormatter.MisfitType };
        log?.Append(item, report, results.Output.Length);
        if (results.Output.Pending + (log?.Pending ?? 0) > LargestGathering) Flush();
        return report;
    }

    /// <summary>Writes what is gathered: before any wait, and at the end.</summary>
    /// <exception cref="OutputLostException">It cannot be written.</exception>
    public void Flush()
    {
        results.Output.Flush();
        log?.Flush();
    }

    /// <summary>Closes both without writing anything.</summary>
    public void Close()
    {
        results.Output.Close();
        log?.Close();
    }
}
