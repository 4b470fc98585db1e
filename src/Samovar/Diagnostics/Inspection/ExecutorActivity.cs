namespace Samovar.Diagnostics.Inspection;

/// <summary>What an executor does at a moment.</summary>
/// <param name="Workers">Its workers.</param>
/// <param name="Running">Its running tasks, those that have been running for the longest first, at most as many as were requested.</param>
/// <param name="RunningTotal">How many tasks run.</param>
internal sealed record ExecutorActivity(List<WorkerActivity> Workers, List<TaskActivity> Running, int RunningTotal);
