using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Running;

namespace Samovar.Cli.Map.Outputs;

/// <summary>Tells of items that failed, in a line each.</summary>
/// <param name="write">Writes a line to stderr, past whatever is shown there.</param>
/// <param name="whole">Whether to add the whole error with its stack.</param>
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

    /// <summary>The error's message, cut to what fits one line.</summary>
    public static string Reason(in ItemReport report) => TextFormat.Short(TextFormat.FirstLine(report.Text ?? ""), LongestMessage);

    public static string ShortName(string? type) => type is null ? "error" : type[(type.LastIndexOfAny(['.', '+']) + 1)..];
}
