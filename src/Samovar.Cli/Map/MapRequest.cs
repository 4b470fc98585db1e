using Samovar.Cli.Map.Outputs;
using Samovar.Cli.Map.Progress;
using Samovar.Cli.Map.Running;

namespace Samovar.Cli.Map;

/// <summary>What a command line of <c>samovar map</c> asks for.</summary>
internal sealed record MapRequest
{
    public required string Target { get; init; }

    /// <summary>The one that a project is built for; null for its only one.</summary>
    public string? Framework { get; init; }

    public string? Method { get; init; }

    public IReadOnlyList<string>? Arguments { get; init; }

    public string? Input { get; init; }

    /// <summary>lines, jsonl, json, csv or tsv; null to tell by the file's name.</summary>
    public string? InputFormat { get; init; }

    /// <summary>Items of text end with NUL and not with the line.</summary>
    public bool EndsWithNul { get; init; }

    public string? Column { get; init; }

    /// <summary>Of CSV; null to tell by the file's name and its first line.</summary>
    public char? Separator { get; init; }

    public IReadOnlyList<string> Files { get; init; } = [];

    public string? Range { get; init; }

    /// <summary>Whether items come from standard input for want of a word that says otherwise.</summary>
    public bool NamesNoInput => Input is null && Arguments is null && Range is null && Files.Count == 0;

    public bool Shuffle { get; init; }

    public long? Limit { get; init; }

    public RunSettings Settings { get; init; } = new();

    public string? Output { get; init; }

    /// <summary>Null to tell by the output's name.</summary>
    public ResultFormat? Format { get; init; }

    public bool WithInput { get; init; }

    public string? JobLog { get; init; }

    public bool Resume { get; init; }

    public bool ResumeFailed { get; init; }

    public bool DryRun { get; init; }

    public bool Verbose { get; init; }

    public ProgressKind Progress { get; init; }
}
