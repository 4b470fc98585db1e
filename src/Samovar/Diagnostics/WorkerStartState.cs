namespace Samovar;

/// <summary>Specifies whether an executor can start workers: the state of the circuit breaker for worker starts.</summary>
public enum WorkerStartState
{
    /// <summary>No start has failed since the last success.</summary>
    Closed,

    /// <summary>The last start failed. Another start is tried after a delay, and queued tasks wait for it.</summary>
    Retrying,

    /// <summary>Starts have failed for a second or longer and there is no worker. The queued tasks have failed, and <c>Submit</c> throws
    /// <see cref="WorkerStartException"/> until the current delay has expired.</summary>
    Open,

    /// <summary>The delay has expired: work is accepted again, and the first task starts one worker. If that succeeds, the state becomes
    /// <see cref="Closed"/>, otherwise <see cref="Open"/>.</summary>
    HalfOpen,
}
