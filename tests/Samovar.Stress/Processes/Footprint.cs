namespace Samovar.Stress.Processes;

/// <summary>What this process holds.</summary>
internal readonly record struct Footprint(int Descriptors, int Threads, long HeapBytes)
{
    private const int SpareDescriptors = 8;
    private const int SpareThreads = 8; // the thread pool breathes
    private const long SpareHeap = 8 << 20;

    public static Footprint Now()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long heap = GC.GetTotalMemory(forceFullCollection: true);
        return new(Directory.GetFileSystemEntries("/proc/self/fd").Length, Directory.GetDirectories("/proc/self/task").Length, heap);
    }

    public IEnumerable<string> GrowthSince(Footprint before)
    {
        if (Descriptors > before.Descriptors + SpareDescriptors) yield return $"descriptors grew from {before.Descriptors} to {Descriptors}";
        if (Threads > before.Threads + SpareThreads) yield return $"threads grew from {before.Threads} to {Threads}";
        if (HeapBytes > before.HeapBytes + SpareHeap) yield return $"the heap grew from {before.HeapBytes >> 10:N0} to {HeapBytes >> 10:N0} KiB";
    }

    public override string ToString() => $"{Descriptors} descriptors, {Threads} threads, {HeapBytes >> 10:N0} KiB of heap";
}
