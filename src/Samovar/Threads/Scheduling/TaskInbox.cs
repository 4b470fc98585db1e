using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Samovar.Threads.Scheduling;

/// <summary>A queue to which any thread appends without a lock, and from which the holder of the scheduler's gate takes.</summary>
/// <remarks>
/// <para>The places are in arrays, so that taking a task does not read the task: it was written by another core, and the worker that runs it reads it
/// soon enough. A pusher reserves a place by an increment and then fills it (as in the array queue of D. Orozco et al., <em>Toward High-Throughput
/// Algorithms on Many-Core Architectures</em>, 2012).</para>
/// <list type="number">
/// <item>A place is filled once, by the pusher that reserved it, and emptied once, under the gate. Places are taken in order: an empty one that is
/// reserved hides those after it until it is filled. Its pusher announces the task after that, so no task is forgotten.</item>
/// <item>When the places of an array are reserved, the first pusher that finds none appends another array. A taken array is dropped whole.</item>
/// </list>
/// </remarks>
internal sealed class TaskInbox
{
    private const int FirstLength = 32;
    private const int GreatestLength = 1024;

    private Places _newest;
    private Places _oldest; // changed under the gate
    private Queue<Future>? _kept; // tasks that are older than those in the places; changed under the gate, never empty

    public TaskInbox() => _newest = _oldest = new Places(FirstLength);

    /// <summary>Whether the next task to take is there. Exact under the gate; a guess without.</summary>
    public bool IsEmpty
    {
        get
        {
            if (Volatile.Read(ref _kept) is not null) return false;
            var places = Volatile.Read(ref _oldest);
            int next = Volatile.Read(ref places.Taken);
            if (next < places.Length) return places.IsVacant(next);
            return Volatile.Read(ref places.Following) is not { } following || following.IsVacant(0);
        }
    }

    /// <summary>Appends a task. A full fence.</summary>
    public void Push(Future task)
    {
        while (true)
        {
            var places = Volatile.Read(ref _newest);
            if (places.TryFill(task)) return;

            // SYNC: places appended. Only the first of several pushers appends; all continue in its array.
            var next = Volatile.Read(ref places.Following) ?? places.Append(Math.Min(places.Length * 2, GreatestLength));
            Interlocked.CompareExchange(ref _newest, next, places);
        }
    }

    /// <summary>Takes the oldest task; null if it is empty.</summary>
    public Future? TakeLocked()
    {
        if (_kept is not { } kept) return TakeFromPlacesLocked();
        var task = kept.Dequeue();
        if (kept.Count == 0) Volatile.Write(ref _kept, null);
        return task;
    }

    /// <summary>Returns how many tasks can be taken, or fewer: those in the oldest array.</summary>
    public int CountLocked() => _kept?.Count ?? Math.Min(Volatile.Read(ref _oldest.Reserved), _oldest.Length) - _oldest.Taken;

    /// <summary>Drops the oldest tasks that have left the queue, until one that has not; returns how many were dropped.</summary>
    public int DropFirstLocked()
    {
        int dropped = 0;
        while (PeekLocked() is { QueueMark.IsSet: false })
        {
            _ = TakeLocked();
            dropped++;
        }

        return dropped;
    }

    /// <summary>Drops the tasks that have left the queue, of those that were pushed before the call; returns how many were dropped. Sets the number of the
    /// others.</summary>
    public int SweepLocked(out int kept)
    {
        var left = new Queue<Future>();
        var last = Volatile.Read(ref _newest);
        int end = Math.Min(Volatile.Read(ref last.Reserved), last.Length);
        int dropped = 0;
        while ((_kept is not null || _oldest != last || _oldest.Taken < end) && TakeLocked() is { } task)
        {
            if (task.QueueMark.IsSet) left.Enqueue(task);
            else dropped++;
        }

        kept = left.Count;
        Volatile.Write(ref _kept, kept == 0 ? null : left);
        return dropped;
    }

    private Future? PeekLocked()
    {
        if (_kept is { } kept) return kept.Peek();
        if (_oldest.Taken < _oldest.Length) return _oldest.PeekLocked(_oldest.Taken);
        return Volatile.Read(ref _oldest.Following)?.PeekLocked(0);
    }

    private Future? TakeFromPlacesLocked()
    {
        var places = _oldest;
        if (places.Taken == places.Length)
        {
            if (Volatile.Read(ref places.Following) is not { } following) return null; // SYNC: places appended
            Volatile.Write(ref _oldest, following);

            // The dropped array refers to no other: one that has become old would keep all that follow it until it is collected. A pusher that still has
            // it appends an array that nothing uses, and looks again.
            Interlocked.CompareExchange(ref _newest, following, places);
            Volatile.Write(ref places.Following, null);
            places = following;
        }

        return places.TakeLocked();
    }

    private sealed class Places(int length)
    {
        public Places? Following;
        private readonly Place[] _places = new Place[length];
        private Counters _counters;

        /// <summary>The number of places that pushers have reserved, and that they failed to reserve because there were no more.</summary>
        public ref int Reserved => ref _counters.Reserved;

        /// <summary>The number of places that were emptied; changed under the gate.</summary>
        public ref int Taken => ref _counters.Taken;

        public int Length => _places.Length;

        public bool IsVacant(int index) => Volatile.Read(ref _places[index].Task) is null;

        public bool TryFill(Future task)
        {
            if (Volatile.Read(ref Reserved) >= Length) return false; // so that the counter cannot overflow
            int index = Interlocked.Increment(ref Reserved) - 1;
            if (index >= Length) return false;

            ref var place = ref _places[index].Task;
            Debug.Assert(place is null, "a place is filled once");
            Volatile.Write(ref place, task); // SYNC: task pushed
            Interlocked.MemoryBarrier(); // the pusher reads next whether a worker must be woken
            return true;
        }

        public Places Append(int length)
        {
            var fresh = new Places(length);
            return Interlocked.CompareExchange(ref Following, fresh, null) ?? fresh; // SYNC: places appended
        }

        public Future? PeekLocked(int index) => Volatile.Read(ref _places[index].Task); // SYNC: task pushed

        public Future? TakeLocked()
        {
            ref var place = ref _places[Taken];
            if (Volatile.Read(ref place.Task) is not { } task) return null; // SYNC: task pushed
            place.Task = null; // the task's result must not live as long as the array
            Volatile.Write(ref Taken, Taken + 1);
            return task;
        }

        /// <summary>Apart from each other and from the rest, because pushers change one and workers the other.</summary>
        [StructLayout(LayoutKind.Explicit, Size = 256)]
        private struct Counters
        {
            [FieldOffset(64)] public int Reserved;
            [FieldOffset(192)] public int Taken;
        }

        /// <summary>A struct, so that its address is taken without a check of the array's type.</summary>
        private struct Place
        {
            public Future? Task;
        }
    }
}
