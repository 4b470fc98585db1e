namespace Samovar.Cli.Map.Running;

/// <summary>What runs the items.</summary>
internal enum Engine
{
    /// <summary>Worker processes: a crash, a hang or a leak costs one item.</summary>
    Processes,

    /// <summary>Threads of the tool itself: no start-up, no isolation.</summary>
    Threads,

    /// <summary>One after the other on the tool's own thread, for debugging.</summary>
    Inline,
}
