namespace Samovar;

/// <summary>Where a task stands, as its future shows it.</summary>
/// <remarks>
/// The legal moves:
/// <code>
///   from        to          when
///   ----------  ----------  ------------------------------------------------------------
///   Queued      Sent        handed to a worker, which has not begun it (processes)
///   Queued      Running     a worker began it
///   Queued      Canceled    cancelled before it began: the work never runs
///   Sent        Running     the worker began it
///   Sent        Queued      taken back from its worker, to run on another
///   Sent        Canceled    revoked before it began: the work never runs
///   Running     Queued      the attempt failed and the retry policy allows another
///   Running     Succeeded   the work returned
///   Running     Failed      the work threw, timed out, or its worker died
///   Running     Canceled    cancellation was asked for and the work gave up (or was killed)
/// </code>
/// The last three states are final.
/// </remarks>
public enum FutureState
{
    /// <summary>Waiting in the executor's queue, or for the delay before its next attempt.</summary>
    Queued = 0,

    /// <summary>Handed to a worker that has not begun it; it can still be cancelled with certainty.</summary>
    Sent = 1,

    /// <summary>The work is being executed.</summary>
    Running = 2,

    /// <summary>The work returned; the result is there.</summary>
    Succeeded = 3,

    /// <summary>The work ended with an exception, which the future holds.</summary>
    Failed = 4,

    /// <summary>The work was cancelled, before or while it ran.</summary>
    Canceled = 5,
}
