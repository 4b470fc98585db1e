using System.Globalization;
using System.Text;
using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Running;
using Samovar.Cli.Map.Shell;

namespace Samovar.Cli.Map.Outputs;

/// <summary>Writes what commands have written, byte for byte: stdout to the results, stderr to the tool's own, and both to a folder if there is
/// one.</summary>
/// <param name="output">The results.</param>
/// <param name="withInput">Whether each line starts with the item.</param>
/// <param name="errors">Receives stderr.</param>
/// <param name="replay">Writes the lines of a result from the cache, if those of commands have been written while they ran; null if they have not.</param>
/// <param name="folder">The folder; null for none.</param>
internal sealed class CommandResults(AppendBuffer output, bool withInput, CapturedOutput.SpanAction errors, Action<CommandResult>? replay, string? folder)
    : ResultFormatter(output, withInput)
{
    private const int LargestGathering = 64 * 1024;

    public override string? Write(in InputItem item, in ItemReport report)
    {
        if (report.Command is not { } result) return null;
        using (result.Output)
        using (result.Errors)
        {
            if (folder is not null) Keep(item, report, result);
            if (replay is not null)
            {
                if (report.IsFromCache) replay(result);
                return null;
            }

            byte[] tag = WithInput ? Encoding.UTF8.GetBytes($"{result.Tag}\t") : [];
            Pass(result.Output, tag, Append);
            if (result.Errors.IsEmpty) return null;
            Output.Flush(); // in a terminal, the errors of an item follow its output
            Pass(result.Errors, tag, errors);
            return null;
        }
    }

    private static void Pass(CapturedOutput captured, byte[] tag, CapturedOutput.SpanAction write)
    {
        if (!captured.IsEmpty) captured.CopyTo(tag.Length == 0 ? write : new TaggedLines(tag, write).Take);
    }

    private void Append(ReadOnlySpan<byte> piece)
    {
        Output.Append(piece);
        if (Output.Pending > LargestGathering) Output.Flush();
    }

    private void Keep(in InputItem item, in ItemReport report, CommandResult result)
    {
        string own = Path.Combine(folder!, item.Number.ToString(CultureInfo.InvariantCulture));
        try
        {
            Directory.CreateDirectory(own);
            Store(Path.Combine(own, "stdout"), result.Output);
            Store(Path.Combine(own, "stderr"), result.Errors);
            string exit = result.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? (report.ErrorType ?? "failed");
            File.WriteAllText(Path.Combine(own, "exit"), exit + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OutputLostException($"The results of item {item.Number} in {own}", e);
        }
    }

    private static void Store(string path, CapturedOutput captured)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        captured.CopyTo(file.Write);
    }
}
