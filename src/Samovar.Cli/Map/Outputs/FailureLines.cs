using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Running;

namespace Samovar.Cli.Map.Outputs;

/// <summary>Reports each failed item in a line.</summary>
/// <param name="write">Writes a line to stderr, above any live display.</param>
/// <param name="whole">Whether to add the complete error with its stack trace.</param>
internal sealed class FailureLines(Action<string> write, bool whole)
{
    private const int LongestMessage = 300;

    public void Write(in InputItem item, in ItemReport report)
    {
        string place = item.Line > 0 ? $"item {item.Number} (line {item.Line})" : $"item {item.Number}";
        string message = Reason(report);
        write(report.Status == ItemStatus.Malformed
            ? $"samovar: {place} is malformed: {message}{(item.IsBroken ? "" : $" '{TextFormat.Short(item.Text)}'")}"
            : $"samovar: {place} '{TextFormat.Short(item.Text)}' failed: {ShortName(report.ErrorType)}{(message.Length > 0 ? ": " : "")}{message}");
        if (whole && report is { Status: ItemStatus.Failed, Detail: { } detail }) write(detail);
    }

    /// <summary>Returns the error's message, shortened to fit in a line.</summary>
    public static string Reason(in ItemReport report) => TextFormat.Short(TextFormat.FirstLine(report.Text ?? ""), LongestMessage);

    public static string ShortName(string? type) => type is null ? "error" : type[(type.LastIndexOfAny(['.', '+']) + 1)..];
}
