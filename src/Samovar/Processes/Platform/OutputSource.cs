namespace Samovar.Processes.Platform;

/// <summary>The stream to which a process wrote.</summary>
internal enum OutputSource
{
    /// <summary>stdout.</summary>
    Output,

    /// <summary>stderr.</summary>
    Error,
}

/// <summary>
/// Receives output of a process, in pieces as they arrive, not in lines. Runs on a thread that serves all processes: it must be quick, and must not
/// block or throw.
/// </summary>
internal delegate void OutputReceived(OutputSource source, ReadOnlySpan<byte> bytes);
