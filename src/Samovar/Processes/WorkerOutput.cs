namespace Samovar;

/// <summary>Specifies how the output of workers to stdout and stderr is handled. A worker blocks on its output only if this process consumes the
/// output too slowly; see <see cref="ProcessExecutorOptions.OutputReceived"/>.</summary>
public enum WorkerOutput
{
    /// <summary>Output is forwarded to stdout and stderr of this process, line by line, each with the name of its worker in front.</summary>
    Forward,

    /// <summary>Output is discarded; the last lines still appear in <see cref="WorkerCrashedException"/>.</summary>
    Discard,

    /// <summary>Output is kept for <see cref="Future.Output"/> of the task that wrote it, and for <see cref="ChildProcess.Output"/>. Tasks are then
    /// not sent ahead: a worker gets its next task when the result and output of the previous one have been read, which slows down tiny
    /// tasks.</summary>
    Capture,
}
