using System.Diagnostics;
using Samovar.Primitives;

namespace Samovar.Ipc.Queues;

/// <summary>The handles that a producer holds for its items until consumers have taken them.</summary>
/// <remarks>
/// <list type="number">
/// <item>Any thread of the producing process adds and releases. The queue below is the lock, and is held only for one step.</item>
/// <item>A handle is added under the lock of its ring, before its item is published, so positions rise from front to back.</item>
/// <item>A handle is disposed outside the lock, by the thread that has removed it, once the head of the ring has passed its item.</item>
/// <item>Handles outlive the process's registration at the queue: <see cref="UndeliveredItems"/> releases the remaining ones after the queue is
/// closed.</item>
/// </list>
/// </remarks>
internal sealed unsafe class RetainedHandles(ProducerRingHeader* header)
{
    private readonly Queue<(long Position, IDisposable Handle)> _handles = new();
    private long _last = -1; // the last position added

    /// <summary>Whether the first item with a handle has been taken.</summary>
    public bool HasReleasable
    {
        get
        {
            lock (_handles) return _handles.TryPeek(out var first) && first.Position < Volatile.Read(ref header->Head);
        }
    }

    /// <summary>Holds a handle for the item that is about to be published.</summary>
    public void AddLocked(long position, IDisposable handle)
    {
        lock (_handles)
        {
            CheckInvariantsLocked(position);
            _handles.Enqueue((position, handle));
            _last = position;
        }
    }

    /// <summary>Disposes the handles of items that have been taken.</summary>
    /// <returns>Whether no handles remain.</returns>
    public bool ReleaseTaken()
    {
        while (true)
        {
            IDisposable handle;
            using (GateEntry.HoldMonitorRegardless(_handles))
            {
                if (!_handles.TryPeek(out var first)) return true;
                if (first.Position >= Volatile.Read(ref header->Head)) // SYNC: slot freed
                    return false;
                handle = _handles.Dequeue().Handle;
            }

            handle.Dispose(); // may free much memory, which takes time
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked(long next)
    {
        Debug.Assert(next > _last, "handles are held in the order of their items");
        Debug.Assert(!_handles.TryPeek(out var first) || first.Position <= _last, "the first handle is not behind the last");
    }
}
