using System.Text.RegularExpressions;

namespace Samovar.Cli.Map.Shell;

/// <summary>The options of <c>samovar map --command</c>.</summary>
internal sealed record CommandSettings
{
    /// <summary>The command as it was given.</summary>
    public required string Template { get; init; }

    /// <summary>Separates the columns of a line; null for lines without columns.</summary>
    public Regex? Separator { get; init; }

    /// <summary>The least time between two starts; null for none.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>The load average above which no command starts; null for no limit.</summary>
    public double? Load { get; init; }

    /// <summary>What is added to the niceness of commands.</summary>
    public int Nice { get; init; }

    /// <summary>Whether complete lines are written as soon as a command has written them.</summary>
    public bool WritesLines { get; init; }

    /// <summary>The folder that receives the output of each item in files; null for none.</summary>
    public string? ResultsFolder { get; init; }
}
