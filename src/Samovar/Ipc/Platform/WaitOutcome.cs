namespace Samovar.Ipc.Platform;

/// <summary>Why a wait at a doorbell returned.</summary>
internal enum WaitOutcome
{
    /// <summary>The condition is true.</summary>
    Ready,

    /// <summary>The timeout elapsed.</summary>
    TimedOut,

    /// <summary><see cref="DoorbellSleeper.Interrupt"/> was called, because of shutdown or the peer's death.</summary>
    Interrupted,
}
