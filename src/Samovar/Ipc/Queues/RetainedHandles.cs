using System.Diagnostics;
using Samovar.Primitives;

namespace Samovar.Ipc.Queues;

/// <summary>What a producer holds for the items it has put, until takers have them.</summary>
/// <remarks>
/// <list type="number">
/// <item>Any thread of the producing process adds and releases. The queue below is the lock and is held for no longer than one step of it.</item>
/// <item>A handle is added under the lock of its lane, before its item is published, so positions rise from front to back.</item>
/// <item>A handle is disposed outside of the lock, by the thread that has removed it, once the head of the lane has passed its item.</item>
/// <item>It outlives the process's place in the queue: <see cref="UndeliveredItems"/> releases what is left when the queue is closed.</item>
/// </list>
/// </remarks>
internal sealed unsafe class RetainedHandles(ProducerRingHeader* header)
{
    private readonly Queue<(long Position, IDisposable Handle)> _handles = new();
    private long _last = -1; // the position added last

    /// <summary>Whether a taker has the first item by now for which something is held.</summary>
    public bool HasReleasable
    {
        get
        {
            lock (_handles) return _handles.TryPeek(out var first) && first.Position < Volatile.Read(ref header->Head);
        }
    }

    /// <summary>Holds something for the item that is about to be published.</summary>
    public void AddLocked(long position, IDisposable handle)
    {
        lock (_handles)
        {
            CheckInvariantsLocked(position);
            _handles.Enqueue((position, handle));
            _last = position;
        }
    }

    /// <summary>Disposes what takers have by now.</summary>
    /// <returns>Whether nothing is held any more.</returns>
    public bool ReleaseTaken()
    {
        while (true)
        {
            IDisposable handle;
            using (GateEntry.HoldMonitorRegardless(_handles))
            {
                if (!_handles.TryPeek(out var first)) return true;
                if (first.Position >= Volatile.Read(ref header->Head)) // SYNC: slot given back
                    return false;
                handle = _handles.Dequeue().Handle;
            }

            handle.Dispose(); // which may give much memory back, and takes its time
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked(long next)
    {
        Debug.Assert(next > _last, "handles are held in the order of their items");
        Debug.Assert(!_handles.TryPeek(out var first) || first.Position <= _last, "the first handle is not behind the last");
    }
}
