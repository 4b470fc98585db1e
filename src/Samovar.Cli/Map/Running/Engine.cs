namespace Samovar.Cli.Map.Running;

/// <summary>The kind of executor that runs the items.</summary>
internal enum Engine
{
    /// <summary>Worker processes: a crash, a hang or a memory leak affects one item only.</summary>
    Processes,

    /// <summary>Threads of the tool's own process: no start-up time, no isolation.</summary>
    Threads,

    /// <summary>One after the other on the tool's own thread, for debugging.</summary>
    Inline,
}
