namespace Samovar;

/// <summary>Specifies when a wait for several futures completes.</summary>
public enum WaitFor
{
    /// <summary>When all futures have completed.</summary>
    All,

    /// <summary>When one future has completed, with any outcome.</summary>
    FirstCompleted,

    /// <summary>When one future has failed or was cancelled, or when all have succeeded.</summary>
    FirstFailed,
}
