namespace Samovar.Diagnostics.Watching.Advising;

/// <summary>The totals of the process and its executors at a moment.</summary>
/// <param name="Elapsed">The time since the first picture.</param>
/// <param name="ProcessorTime">The processor time since the first picture.</param>
/// <param name="PauseTime">The time in which collections paused the process, since the first picture.</param>
/// <param name="Allocated">The bytes that were allocated since the process started.</param>
/// <param name="FullCollections">The collections of generation 2 since the process started.</param>
/// <param name="PoolQueue">The work items that wait for the thread pool.</param>
/// <param name="Executors">The executors, by number.</param>
internal sealed record ProcessMoment(
    TimeSpan Elapsed,
    TimeSpan ProcessorTime,
    TimeSpan PauseTime,
    long Allocated,
    int FullCollections,
    long PoolQueue,
    IReadOnlyDictionary<int, ExecutorMoment> Executors)
{
    /// <summary>Returns the totals of a picture.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="before">The totals of the picture before; null for the first.</param>
    public static ProcessMoment Of(Picture picture, ProcessMoment? before)
    {
        var (process, since) = (picture.Process, before is null ? TimeSpan.Zero : picture.Since);
        return new ProcessMoment(
            (before?.Elapsed ?? TimeSpan.Zero) + since,
            (before?.ProcessorTime ?? TimeSpan.Zero) + (since * process.Processors),
            (before?.PauseTime ?? TimeSpan.Zero) + (since * process.GcPause),
            process.Allocated,
            process.Collections.Count > 2 ? process.Collections[2] : 0,
            process.PoolQueue,
            picture.Executors.ToDictionary(
                static executor => executor.Number, executor => ExecutorMoment.Of(executor, before?.Executors.GetValueOrDefault(executor.Number), since)));
    }
}
