namespace Samovar;

/// <summary>What happens to unfinished work when an executor is shut down.</summary>
public enum ShutdownMode
{
    /// <summary>Everything submitted is finished.</summary>
    Drain,

    /// <summary>What waits is cancelled; what runs is finished.</summary>
    CancelQueued,

    /// <summary>What waits is cancelled; what runs is asked to give up and, after the grace, ended as far as the executor can.</summary>
    Kill,
}
