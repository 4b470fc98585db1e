using System.Globalization;
using System.Text.Json.Serialization;

namespace Samovar.Cli.Tour;

/// <summary>How one side of a lesson, Samovar's or Python's, ran.</summary>
/// <param name="Program">Its source, as a path in the repository; null if the lesson has no program on this side.</param>
/// <param name="Seconds">How long it ran, its start included; null unless it succeeded.</param>
/// <param name="ExitCode">Its exit code; null if there is no program, or if it was killed because its time was up.</param>
/// <param name="Output">The lines that it wrote; null if there is no program.</param>
/// <param name="Reason">Why there are no seconds; null if there are.</param>
internal sealed record SideRun(string? Program, double? Seconds, int? ExitCode, IReadOnlyList<string>? Output, string? Reason)
{
    /// <summary>Whether there is a program and it failed.</summary>
    [JsonIgnore]
    public bool HasFailed => Program is not null && Seconds is null;

    /// <summary>The side of a lesson that has no program on it.</summary>
    public static SideRun Missing(string reason) => new(Program: null, Seconds: null, ExitCode: null, Output: null, reason);

    /// <summary>The side whose program ran with this result.</summary>
    public static SideRun Of(string program, ProcessResult result, TimeSpan limit)
    {
        string? reason = result.ExitCode switch
        {
            0 => null,
            null => string.Create(CultureInfo.InvariantCulture, $"was killed because it ran for more than {limit.TotalSeconds:0} s"),
            { } code => string.Create(CultureInfo.InvariantCulture, $"failed with exit code {code}{LastLine(result.Errors)}"),
        };
        return new(program, reason is null ? result.Seconds : null, result.ExitCode, result.Output, reason);
    }

    // Of Python's traceback the last line names the error.
    private static string LastLine(string errors) =>
        errors.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is [.., var last] ? $": {last}" : "";
}
