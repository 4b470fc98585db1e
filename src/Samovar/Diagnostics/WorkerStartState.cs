namespace Samovar;

/// <summary>Whether an executor can start workers: the state of the circuit breaker around their starts.</summary>
public enum WorkerStartState
{
    /// <summary>Workers start, as far as is known.</summary>
    Closed,

    /// <summary>The last start failed. It is tried again after a pause; queued tasks wait for that.</summary>
    Retrying,

    /// <summary>Starts have failed for a second or longer and there is no worker. What was queued has failed, and until the next pause is over
    /// submitting throws <see cref="WorkerStartException"/>.</summary>
    Open,

    /// <summary>The pause is over: work is accepted again, and the first task starts one worker. If it comes up the state is
    /// <see cref="Closed"/>, otherwise <see cref="Open"/>.</summary>
    HalfOpen,
}
