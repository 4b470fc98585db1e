namespace Samovar.Tests.Child;

/// <summary>A command of <see cref="PeerProgram"/>; the payload holds an argument where one is named.</summary>
internal static class PeerTag
{
    /// <summary>Takes the message and does nothing.</summary>
    public const ushort Swallow = 0;

    /// <summary>Sends the payload back, large or small.</summary>
    public const ushort Echo = 1;

    /// <summary>Returns from the body with the exit code in the payload (int32).</summary>
    public const ushort Return = 2;

    /// <summary>Sends itself the signal in the payload (int32).</summary>
    public const ushort Signal = 3;

    /// <summary>Writes the payload to stderr, then answers.</summary>
    public const ushort WriteError = 4;

    /// <summary>Starts a process that sleeps, in its own group where the payload is 1, and answers its id.</summary>
    public const ushort StartSleeper = 5;

    /// <summary>Returns the environment variable named in the payload, empty if it is not set.</summary>
    public const ushort Variable = 6;

    /// <summary>Starts a worker of its own and answers its id.</summary>
    public const ushort StartWorker = 7;

    /// <summary>Dies by SIGKILL at the next passing of the ring's sync point in the payload (int32), while it echoes.</summary>
    public const ushort DieAt = 8;

    /// <summary>Writes as many bytes to stdout as the payload says (int64), then answers.</summary>
    public const ushort Flood = 9;

    /// <summary>Overwrites the result ring's next record with a forged length.</summary>
    public const ushort Forge = 10;

    /// <summary>Answers facts about the process: see PeerProgram.</summary>
    public const ushort Facts = 11;

    /// <summary>Tries to start the item whose slot and generation are in the payload (int64 each); answers 1 or 0.</summary>
    public const ushort StartItem = 13;

    /// <summary>Throws on a thread of its own.</summary>
    public const ushort Throw = 12;
}
