namespace Samovar.Processes.Platform;

/// <summary>Which of its two streams a process wrote to.</summary>
internal enum OutputSource
{
    /// <summary>stdout.</summary>
    Output,

    /// <summary>stderr.</summary>
    Error,
}

/// <summary>
/// Gets what a process wrote, in pieces as they come, not in lines. Runs on a thread that serves all processes: be quick, never
/// block, never throw.
/// </summary>
internal delegate void OutputReceived(OutputSource source, ReadOnlySpan<byte> bytes);
