namespace Samovar.Diagnostics.Watching;

/// <summary>The resources of this process in a <see cref="Picture"/>.</summary>
/// <param name="Processors">How many processors it used on average since the picture before.</param>
/// <param name="Memory">Its resident bytes.</param>
/// <param name="Heap">The bytes of the garbage-collected heap.</param>
/// <param name="Allocated">The bytes that were allocated since it started.</param>
/// <param name="GcPause">The share of the time since the picture before in which it was paused for collections, from 0 to 1.</param>
/// <param name="Collections">The collections of the generations 0, 1 and 2 since it started.</param>
/// <param name="PoolThreads">The threads of the thread pool.</param>
/// <param name="PoolQueue">The work items that wait for the thread pool.</param>
internal sealed record ProcessPicture(
    double Processors, long Memory, long Heap, long Allocated, double GcPause, IReadOnlyList<int> Collections, int PoolThreads, long PoolQueue)
{
    /// <summary>How many processors the process may use.</summary>
    public int Cores { get; init; } = Environment.ProcessorCount;

    /// <summary>The share of the machine's processors that all its programs used since the picture before, from 0 to 1; null if it is not known.</summary>
    public double? MachineLoad { get; init; }
}
