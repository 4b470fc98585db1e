using System.Diagnostics;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Worker;

/// <summary>Marks results if this process uses more memory than its limit. Thread-safe; two threads that check at the same time both mark their
/// results.</summary>
internal sealed class WorkerMemory
{
    private static readonly long s_interval = Stopwatch.Frequency / 50;

    private long _nextLook;

    /// <summary>The private memory of this process, in bytes, above which results are marked; 0 for no limit. Set before the first task.</summary>
    public long Limit { get; set; }

    /// <summary>Returns the header, marked if the process is above its limit; checks at most fifty times a second.</summary>
    public ResultHeader Mark(in ResultHeader header)
    {
        if (Limit == 0) return header;
        long now = Stopwatch.GetTimestamp();
        if (now < Volatile.Read(ref _nextLook)) return header;
        Volatile.Write(ref _nextLook, now + s_interval);
        return OwnMemory.Bytes > Limit ? header with { Flags = header.Flags | ResultFlags.IsOverMemory } : header;
    }
}
