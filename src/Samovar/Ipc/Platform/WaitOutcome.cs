namespace Samovar.Ipc.Platform;

/// <summary>Why a wait at a doorbell ended.</summary>
internal enum WaitOutcome
{
    /// <summary>What was waited for is there.</summary>
    Ready,

    /// <summary>The time ran out.</summary>
    TimedOut,

    /// <summary><see cref="DoorbellSleeper.Interrupt"/> was called: shutdown, or the peer died.</summary>
    Interrupted,
}
