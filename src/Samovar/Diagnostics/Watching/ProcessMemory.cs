using System.Diagnostics;
using Samovar.Diagnostics.Inspection;

namespace Samovar.Diagnostics.Watching;

/// <summary>Reads the memory of worker processes for pictures, of each at most once a second: the system takes tens of microseconds for one. Not
/// thread-safe.</summary>
internal sealed class ProcessMemory
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(1);

    private readonly long _began = Stopwatch.GetTimestamp();
    private Dictionary<int, (long? Bytes, TimeSpan ReadAt)> _known = []; // by process
    private Dictionary<int, (long? Bytes, TimeSpan ReadAt)> _next = [];
    private TimeSpan _now;

    /// <summary>Begins a picture: forgets the processes that the picture before did not have.</summary>
    public void Begin() => Begin(Stopwatch.GetElapsedTime(_began));

    /// <summary>Begins a picture at a time.</summary>
    public void Begin(TimeSpan now)
    {
        (_known, _next) = (_next, []);
        _now = now;
    }

    /// <summary>Returns a worker with its memory.</summary>
    public WorkerActivity Fill(WorkerActivity worker)
    {
        if (worker is not { ReadMemory: { } read, ProcessId: { } process }) return worker;
        if (!_known.TryGetValue(process, out var known) || _now - known.ReadAt >= s_fresh) known = (read(), _now);
        _next[process] = known;
        return worker with { Memory = known.Bytes };
    }
}
