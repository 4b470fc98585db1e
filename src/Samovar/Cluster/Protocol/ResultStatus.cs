namespace Samovar.Cluster.Protocol;

/// <summary>How an attempt ended on its node.</summary>
internal enum ResultStatus : byte
{
    /// <summary>The work returned. The payload is the result.</summary>
    Succeeded = 0,

    /// <summary>The work threw. The payload is the error.</summary>
    Failed = 1,

    /// <summary>The worker process exited, or was killed. The payload is the error that describes it.</summary>
    Crashed = 2,

    /// <summary>The attempt was stopped before it had started. There is no payload.</summary>
    NotStarted = 3,

    /// <summary>The node cannot run it. The payload is the reason, as UTF-8 text.</summary>
    Refused = 4,

    /// <summary>The node has not started it and does not keep it, because its owner was silent: the owner publishes it again. The payload is the number of its
    /// latest claim, of 8 bytes, or empty if it was not claimed.</summary>
    Dropped = 5,

    /// <summary>The node leaves and has cancelled the token of the work, which then threw. The payload is the error.</summary>
    Stopped = 6,

    /// <summary>The call of an actor has not started, because the node does not have the instance any more. The payload is the error that says why.</summary>
    Unhosted = 7,
}
