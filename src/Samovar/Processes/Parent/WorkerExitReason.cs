namespace Samovar.Processes.Parent;

/// <summary>Why a worker exited although its executor still needed it, as <see cref="SamovarTelemetry.ReasonKey"/> has it.</summary>
internal static class WorkerExitReason
{
    /// <summary>It exited by itself, or was killed because what it wrote was not valid.</summary>
    public const string Crash = "crash";

    /// <summary>It did not get ready.</summary>
    public const string Start = "start";

    /// <summary>A task ran past its timeout and the grace period.</summary>
    public const string Timeout = "timeout";

    /// <summary>A cancelled task ran past the grace period.</summary>
    public const string Canceled = "canceled";

    /// <summary>It exceeded <see cref="ProcessExecutorOptions.MemoryLimitPerWorker"/>.</summary>
    public const string Memory = "memory";

    /// <summary>It has run <see cref="ProcessExecutorOptions.MaxTasksPerWorker"/> tasks.</summary>
    public const string Recycled = "recycled";

    /// <summary>It started none of its tasks for a long time.</summary>
    public const string Unresponsive = "unresponsive";
}
