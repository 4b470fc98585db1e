using System.Diagnostics;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Worker;

/// <summary>Marks results when this process uses more memory than it may. Any thread; two that look at once both mark theirs.</summary>
internal sealed class WorkerMemory
{
    private static readonly long s_interval = Stopwatch.Frequency / 50;

    private long _nextLook;

    /// <summary>Bytes of this process's own memory beyond which results are marked; 0 for no limit. Set before the first task.</summary>
    public long Limit { get; set; }

    /// <summary>The header, marked where the process is over its limit; it looks no more often than fifty times a second.</summary>
    public ResultHeader Mark(in ResultHeader header)
    {
        if (Limit == 0) return header;
        long now = Stopwatch.GetTimestamp();
        if (now < Volatile.Read(ref _nextLook)) return header;
        Volatile.Write(ref _nextLook, now + s_interval);
        return OwnMemory.Bytes > Limit ? header with { Flags = header.Flags | ResultFlags.IsOverMemory } : header;
    }
}
