namespace Samovar.Cluster.Protocol;

/// <summary>Whether a message can be trusted.</summary>
internal enum EnvelopeVerdict
{
    Valid,

    /// <summary>It is no message of a cluster, or was truncated.</summary>
    NotAMessage,

    /// <summary>It has another version of the protocol.</summary>
    OtherVersion,

    /// <summary>It is not signed, and this member has a key.</summary>
    Unsigned,

    /// <summary>It is signed with a key that this member does not have.</summary>
    UnknownKey,

    /// <summary>Its signature does not fit: it was altered, comes from another cluster, or was signed with another secret.</summary>
    Forged,

    /// <summary>It is older than the limit.</summary>
    TooOld,
}
