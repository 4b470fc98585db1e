namespace Samovar.Cluster.Protocol;

/// <summary>What a message between members of a cluster is. The numbers are part of the protocol.</summary>
internal enum MessageKind : byte
{
    /// <summary>Owner → task queue: tasks to run, see <see cref="TasksMessage"/>.</summary>
    Tasks = 1,

    /// <summary>Node → owner: the node can start these tasks now, see <see cref="ClaimMessage"/>.</summary>
    Claim = 2,

    /// <summary>Owner → node: the answer to a claim, see <see cref="VerdictMessage"/>.</summary>
    Verdict = 3,

    /// <summary>Node → owner: outcomes of attempts, see <see cref="ResultsMessage"/>.</summary>
    Results = 4,

    /// <summary>Owner → node: these outcomes have arrived, see <see cref="KeysMessage"/>.</summary>
    Settled = 5,

    /// <summary>Owner → node: cancels the token of an attempt, see <see cref="StopMessage"/>.</summary>
    Stop = 6,

    /// <summary>Owner → node: kills the process of an attempt, see <see cref="StopMessage"/>.</summary>
    Kill = 7,

    /// <summary>Node → owner: progress that a task has reported, see <see cref="ProgressMessage"/>.</summary>
    Progress = 8,

    /// <summary>In both directions: a message of a live value, see <see cref="LiveMessage"/>.</summary>
    Live = 9,

    /// <summary>Node → executors and monitors: the node exists, see <see cref="BeaconMessage"/>.</summary>
    Beacon = 10,

    /// <summary>Owner → nodes, or monitor → everyone: a member has connected; nodes answer with a beacon. With a body of one byte, owners answer too, with
    /// <see cref="Alive"/>.</summary>
    Hello = 11,

    /// <summary>Node → owner: a worker has started a task, see <see cref="StartedMessage"/>.</summary>
    Started = 12,

    /// <summary>Node → owner: what the node runs, see <see cref="RunningMessage"/>.</summary>
    Running = 13,

    /// <summary>Owner → nodes and monitors: the owner exists. No body.</summary>
    Alive = 14,

    /// <summary>Node → owner: an attempt has completed, and its result is being stored as a blob, see <see cref="KeysMessage"/>.</summary>
    Ended = 15,

    /// <summary>Owner → nodes and monitors: the owner has shut down, and no program waits for its tasks any more. No body.</summary>
    Gone = 16,

    /// <summary>Node → owner: the broker has delivered these attempts again, see <see cref="KeysMessage"/>.</summary>
    Redelivered = 17,

    /// <summary>Owner → node: the node must report now which of these attempts it has, with <see cref="Running"/>; see <see cref="KeysMessage"/>.</summary>
    Probe = 18,

    /// <summary>Owner → node: other nodes are idle, see <see cref="ShareMessage"/>.</summary>
    Share = 19,

    /// <summary>Operator → node: the node must leave, see <see cref="DrainMessage"/>.</summary>
    Drain = 20,

    /// <summary>Node → owner: the node does not have the owner's program, see <see cref="ProgramRequestMessage"/>.</summary>
    ProgramRequest = 21,

    /// <summary>Owner → node: the program is stored as a blob, see <see cref="ProgramStoredMessage"/>.</summary>
    ProgramStored = 22,

    /// <summary>Owner → node: a call of an actor that lives on the node, see <see cref="ActorCallMessage"/>.</summary>
    Call = 23,
}
