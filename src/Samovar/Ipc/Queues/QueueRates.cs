using System.Diagnostics;

namespace Samovar.Ipc.Queues;

/// <summary>Computes the items put and taken per second, from one snapshot of a queue's counts to the next.</summary>
/// <remarks>The gate guards the previous snapshot only.</remarks>
internal sealed class QueueRates
{
    private readonly Lock _gate = new();
    private long _since = Stopwatch.GetTimestamp();
    private long _put;
    private long _taken;

    /// <summary>Returns the rates since the last call, or since the queue was opened.</summary>
    public (double Put, double Taken) Advance(long put, long taken)
    {
        lock (_gate)
        {
            double seconds = Stopwatch.GetElapsedTime(_since).TotalSeconds;
            var rates = seconds > 0 ? ((put - _put) / seconds, (taken - _taken) / seconds) : (0, 0);
            (_since, _put, _taken) = (Stopwatch.GetTimestamp(), put, taken);
            return rates;
        }
    }
}
