namespace Samovar.Diagnostics.Recording;

/// <summary>How an attempt at a task completed.</summary>
internal enum AttemptOutcome
{
    Succeeded,
    Failed,
    TimedOut,
    Canceled,

    /// <summary>The worker process exited.</summary>
    Crashed,

    /// <summary>It failed, and another attempt follows.</summary>
    Retried,
}
