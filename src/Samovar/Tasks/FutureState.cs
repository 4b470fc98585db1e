namespace Samovar;

/// <summary>The state of a task, as its future reports it.</summary>
/// <remarks>
/// The legal transitions:
/// <code>
///   from        to          when
///   ----------  ----------  ------------------------------------------------------------
///   Queued      Sent        sent to a worker that has not started it (processes)
///   Queued      Running     a worker started it
///   Queued      Canceled    cancelled before it started: the work never runs
///   Sent        Running     the worker started it
///   Sent        Queued      taken back from its worker, to run on another
///   Sent        Canceled    revoked before it started: the work never runs
///   Running     Queued      the attempt failed and the retry policy allows another
///   Running     Succeeded   the work returned
///   Running     Failed      the work threw, timed out, or its worker died
///   Running     Canceled    cancellation was requested and the work stopped (or was killed)
/// </code>
/// The last three states are final.
/// </remarks>
public enum FutureState
{
    /// <summary>The task waits in the executor's queue, or for the delay before its next attempt.</summary>
    Queued = 0,

    /// <summary>The task was sent to a worker that has not started it; it can still be cancelled with certainty.</summary>
    Sent = 1,

    /// <summary>The task is running.</summary>
    Running = 2,

    /// <summary>The work returned; the result is available.</summary>
    Succeeded = 3,

    /// <summary>The work failed with an exception, which the future holds.</summary>
    Failed = 4,

    /// <summary>The task was cancelled, before or while it ran.</summary>
    Canceled = 5,
}
