namespace Samovar.Processes.Parent;

/// <summary>How many workers are in each state. A worker with tasks is busy.</summary>
/// <param name="Idle">Workers that can run a task and have none, spares included.</param>
/// <param name="Busy">Workers with tasks.</param>
/// <param name="Starting">Workers that cannot run a task yet.</param>
/// <param name="Stopping">Workers without tasks that get no more.</param>
/// <param name="InFlight">Tasks that workers have and that have no result.</param>
internal readonly record struct WorkerCounts(int Idle, int Busy, int Starting, int Stopping, int InFlight)
{
    /// <summary>Counts, under the executor's gate.</summary>
    /// <param name="listed">The workers whose channels are mapped.</param>
    /// <param name="launching">How many more are being launched.</param>
    public static WorkerCounts OfLocked(WorkerHandle[] listed, int launching)
    {
        int idle = 0, busy = 0, starting = launching, stopping = 0, inFlight = 0;
        foreach (var worker in listed)
        {
            inFlight += worker.Out;
            if (worker.Out > 0) busy++;
            else if (worker.State <= WorkerPhase.Initializing) starting++;
            else if (worker.State <= WorkerPhase.Spare) idle++;
            else stopping++;
        }

        return new WorkerCounts(idle, busy, starting, stopping, inFlight);
    }
}
