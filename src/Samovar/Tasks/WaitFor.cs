namespace Samovar;

/// <summary>What a wait for several futures waits for.</summary>
public enum WaitFor
{
    /// <summary>Until all have ended.</summary>
    All,

    /// <summary>Until one has ended, in whatever way.</summary>
    FirstCompleted,

    /// <summary>Until one has failed or was cancelled; until all have ended if none does.</summary>
    FirstFailed,
}
