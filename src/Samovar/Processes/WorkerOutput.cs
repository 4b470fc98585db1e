namespace Samovar;

/// <summary>What becomes of what workers write to stdout and stderr. A worker blocks on it only where this
/// process takes it too slowly; see <see cref="ProcessExecutorOptions.OutputReceived"/>.</summary>
public enum WorkerOutput
{
    /// <summary>It goes on to this process's own stdout and stderr, line by line, each with its worker's name in front.</summary>
    Forward,

    /// <summary>It is thrown away; the last lines still appear in <see cref="WorkerCrashedException"/>.</summary>
    Discard,

    /// <summary>It is kept for <see cref="Future.Output"/> of the task that wrote it, and for <see cref="ChildProcess.Output"/>. Tasks are
    /// not sent ahead then: a worker gets the next when the one before is answered and what it wrote has been taken, which a tiny task
    /// feels.</summary>
    Capture,
}
