using Samovar.Cli.Map.Outputs;
using Samovar.Cli.Map.Progress;
using Samovar.Cli.Map.Running;
using Samovar.Cli.Map.Shell;

namespace Samovar.Cli.Map;

/// <summary>The parsed command line of <c>samovar map</c>.</summary>
internal sealed record MapRequest
{
    /// <summary>The target; empty for a command.</summary>
    public required string Target { get; init; }

    /// <summary>The target framework for which a project is built; null for its only one.</summary>
    public string? Framework { get; init; }

    public string? Method { get; init; }

    /// <summary>The command that runs for each item; null for a method.</summary>
    public CommandSettings? Command { get; init; }

    public IReadOnlyList<string>? Arguments { get; init; }

    public string? Input { get; init; }

    /// <summary>lines, jsonl, json, csv or tsv; null to choose by the file's name.</summary>
    public string? InputFormat { get; init; }

    /// <summary>Whether items of text are terminated by NUL instead of a newline.</summary>
    public bool EndsWithNul { get; init; }

    public string? Column { get; init; }

    /// <summary>The column separator of CSV; null to choose by the file's name and first line.</summary>
    public char? Separator { get; init; }

    public IReadOnlyList<string> Files { get; init; } = [];

    public string? Range { get; init; }

    /// <summary>Gets whether items come from standard input only because no other input is named.</summary>
    public bool NamesNoInput => Input is null && Arguments is null && Range is null && Files.Count == 0;

    public bool Shuffle { get; init; }

    public long? Limit { get; init; }

    public RunSettings Settings { get; init; } = new();

    public string? Output { get; init; }

    /// <summary>Null to choose by the output's name.</summary>
    public ResultFormat? Format { get; init; }

    public bool WithInput { get; init; }

    public string? JobLog { get; init; }

    public bool Resume { get; init; }

    public bool ResumeFailed { get; init; }

    /// <summary>Whether results are kept.</summary>
    public bool Caches { get; init; }

    /// <summary>The folder in which results are kept; null for that of the user.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>Files on whose contents the kept results depend.</summary>
    public IReadOnlyList<string> CacheDependsOn { get; init; } = [];

    public bool DryRun { get; init; }

    public bool Verbose { get; init; }

    public ProgressKind Progress { get; init; }
}
