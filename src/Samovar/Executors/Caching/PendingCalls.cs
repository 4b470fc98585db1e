using System.Diagnostics;

namespace Samovar.Executors.Caching;

/// <summary>The calls of a cache whose results are being computed, by their keys. Safe for any thread.</summary>
internal sealed class PendingCalls
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ResultCacheKey, PendingCall> _calls = [];

    /// <summary>Returns the call with a key, and counts the caller among those that wait for it.</summary>
    /// <param name="key">The key. It contains the type of the result.</param>
    /// <param name="isFirst">Whether the call is new, so that the caller has to begin it.</param>
    public PendingCall<TResult> Join<TResult>(ResultCacheKey key, out bool isFirst)
    {
        lock (_gate)
        {
            isFirst = !_calls.TryGetValue(key, out var found);
            var call = isFirst ? new PendingCall<TResult>(key) : (PendingCall<TResult>)found!;
            if (isFirst) _calls[key] = call;
            call.Waiting++;
            CheckInvariantsLocked(call);
            return call;
        }
    }

    /// <summary>Records that one caller no longer waits. The last one cancels the computation, if it has not completed.</summary>
    public void Leave(PendingCall call)
    {
        lock (_gate)
        {
            bool isLast = --call.Waiting == 0 && RemoveLocked(call);
            CheckInvariantsLocked(call);
            if (!isLast) return;
        }

        call.Cancel();
    }

    /// <summary>Records that the computation has completed: later calls do not join it.</summary>
    public void End(PendingCall call)
    {
        lock (_gate) RemoveLocked(call);
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked(PendingCall call)
    {
        Debug.Assert(call.Waiting >= 0, "no caller leaves twice");
        Debug.Assert(call.Waiting > 0 || !_calls.TryGetValue(call.Key, out var listed) || !ReferenceEquals(listed, call), "a call that can be joined has a waiter");
    }

    private bool RemoveLocked(PendingCall call) =>
        _calls.TryGetValue(call.Key, out var listed) && ReferenceEquals(listed, call) && _calls.Remove(call.Key);
}
