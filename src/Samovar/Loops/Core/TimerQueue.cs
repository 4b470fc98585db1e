using System.Diagnostics;

namespace Samovar.Loops.Core;

/// <summary>The loop's timers, ordered by due time; timers with the same due time are ordered by when they were armed.</summary>
/// <remarks>
/// <list type="number">
/// <item>Timers of the same duration, the common case, are armed in the order in which they are due. So an entry that is due no earlier than the last
/// one of the <em>run</em> is appended to the run: a ring buffer, constant time, no comparison on removal. All other entries go into a 4-ary
/// heap, whose sibling nodes are adjacent in memory.</item>
/// <item>Cancelling marks the node, and drops marked entries from the end of the run and of the heap: a timeout that is cancelled before others are
/// armed is mostly there. Another marked entry is dropped when it reaches the head or an end, or when marked entries are more than half of all
/// entries. So cancelling takes amortized constant time, and cancelled timers never take more memory than armed ones.</item>
/// <item>The next timer is the earlier of the two heads.</item>
/// </list>
/// Belongs to the loop's thread.
/// </remarks>
internal sealed class TimerQueue
{
    private const int Children = 4;
    private const int FewCanceled = 64;

    /// <summary>The due time of a timer that never fires and can only be cancelled.</summary>
    public const long Never = long.MaxValue;

    private Entry[] _run = new Entry[16]; // a power of two
    private int _runHead;
    private int _runCount;
    private Entry[] _heap = new Entry[16];
    private int _heapCount;
    private int _canceled;
    private uint _sequence;

    /// <summary>The number of armed timers.</summary>
    public int Count => _runCount + _heapCount - _canceled;

    /// <summary>The number of entries, including cancelled ones.</summary>
    public int Kept => _runCount + _heapCount;

    public void Add(long due, TimerNode node)
    {
        node.Arm(++_sequence);
        if (due == Never) Push(new Entry(due, node)); // at the end of the run it would force all later timers into the heap
        else if (_runCount == 0 || due >= _run[(_runHead + _runCount - 1) & (_run.Length - 1)].Due) Append(new Entry(due, node));
        else Push(new Entry(due, node));
        CheckInvariants();
    }

    /// <summary>Cancels an armed timer. Returns false if it was not armed.</summary>
    public bool Cancel(TimerNode node)
    {
        if (!node.TryEnd()) return false;
        _canceled++;
        DropCanceledEnds();
        if (_canceled > FewCanceled && _canceled > Kept / 2) DropCanceled();
        CheckInvariants();
        return true;
    }

    /// <summary>Gets when the next timer is due. Returns false if there is no timer.</summary>
    public bool TryPeek(out long due)
    {
        DropCanceledHeads();
        if (Kept == 0)
        {
            due = long.MaxValue;
            return false;
        }

        due = IsRunNext() ? _run[_runHead].Due : _heap[0].Due;
        return true;
    }

    /// <summary>Removes and returns the next timer that is due at <paramref name="now"/>; null if no timer is due.</summary>
    public TimerNode? TakeDue(long now)
    {
        if (!TryPeek(out long due) || due > now) return null;
        var node = IsRunNext() ? TakeFirst().Node : Pop().Node;
        bool wasArmed = node.TryEnd();
        Debug.Assert(wasArmed, "cancelled heads have been dropped");
        CheckInvariants();
        return node;
    }

    /// <summary>Returns all armed timers, in no particular order.</summary>
    public List<TimerNode> Armed()
    {
        var armed = new List<TimerNode>(Count);
        for (int i = 0; i < _runCount; i++) AddIfArmed(_run[(_runHead + i) & (_run.Length - 1)].Node);
        for (int i = 0; i < _heapCount; i++) AddIfArmed(_heap[i].Node);
        return armed;

        void AddIfArmed(TimerNode node)
        {
            if (node.IsArmed) armed.Add(node);
        }
    }

    /// <summary>Checks only the first few entries: checking all of them would make a test with many timers too slow.</summary>
    [Conditional("DEBUG")]
    public void CheckInvariants()
    {
        const int few = 8;
        Debug.Assert((_run.Length & (_run.Length - 1)) == 0, "the ring's length is a power of two");
        Debug.Assert(_runCount >= 0 && _runCount <= _run.Length && _heapCount >= 0 && _heapCount <= _heap.Length, "the counts are within bounds");
        Debug.Assert(_canceled >= 0 && _canceled <= Kept, "there are no more cancelled entries than entries");
        for (int i = 1; i < Math.Min(_runCount, few); i++)
        {
            Debug.Assert(
                !_run[(_runHead + i) & (_run.Length - 1)].IsBefore(_run[(_runHead + i - 1) & (_run.Length - 1)]), "the run is ordered by due time");
        }

        for (int i = 1; i < Math.Min(_heapCount, few); i++) Debug.Assert(!_heap[i].IsBefore(_heap[(i - 1) / Children]), "no heap node precedes its parent");
    }

    private bool IsRunNext() => _heapCount == 0 || (_runCount > 0 && _run[_runHead].IsBefore(_heap[0]));

    private void DropCanceledHeads()
    {
        if (_canceled == 0) return;
        while (_runCount > 0 && !_run[_runHead].Node.IsArmed)
        {
            TakeFirst();
            _canceled--;
        }

        while (_heapCount > 0 && !_heap[0].Node.IsArmed)
        {
            Pop();
            _canceled--;
        }
    }

    private void DropCanceledEnds()
    {
        while (_runCount > 0)
        {
            ref var last = ref _run[(_runHead + _runCount - 1) & (_run.Length - 1)];
            if (last.Node.IsArmed) break;
            last = default;
            _runCount--;
            _canceled--;
        }

        while (_heapCount > 0 && !_heap[_heapCount - 1].Node.IsArmed) // a last leaf has no descendants
        {
            _heap[--_heapCount] = default;
            _canceled--;
        }
    }

    private void DropCanceled()
    {
        int kept = 0;
        for (int i = 0; i < _runCount; i++)
        {
            var entry = _run[(_runHead + i) & (_run.Length - 1)];
            if (entry.Node.IsArmed) _run[(_runHead + kept++) & (_run.Length - 1)] = entry;
        }

        for (int i = kept; i < _runCount; i++) _run[(_runHead + i) & (_run.Length - 1)] = default;
        _runCount = kept;
        kept = 0;
        for (int i = 0; i < _heapCount; i++)
        {
            if (_heap[i].Node.IsArmed) _heap[kept++] = _heap[i];
        }

        Array.Clear(_heap, kept, _heapCount - kept);
        _heapCount = kept;
        _canceled = 0;
        for (int i = (_heapCount - 2) / Children; i >= 0; i--) SiftDown(i, _heap[i]);
    }

    private void Append(Entry entry)
    {
        if (_runCount == _run.Length)
        {
            var larger = new Entry[_run.Length * 2];
            int first = _run.Length - _runHead;
            Array.Copy(_run, _runHead, larger, 0, first);
            Array.Copy(_run, 0, larger, first, _runHead);
            _run = larger;
            _runHead = 0;
        }

        _run[(_runHead + _runCount++) & (_run.Length - 1)] = entry;
    }

    private Entry TakeFirst()
    {
        var entry = _run[_runHead];
        _run[_runHead] = default;
        _runHead = (_runHead + 1) & (_run.Length - 1);
        _runCount--;
        return entry;
    }

    private void Push(Entry entry)
    {
        if (_heapCount == _heap.Length) Array.Resize(ref _heap, _heap.Length * 2);
        int place = _heapCount++;
        while (place > 0)
        {
            int parent = (place - 1) / Children;
            if (!entry.IsBefore(_heap[parent])) break;
            _heap[place] = _heap[parent];
            place = parent;
        }

        _heap[place] = entry;
    }

    private Entry Pop()
    {
        var first = _heap[0];
        var last = _heap[--_heapCount];
        _heap[_heapCount] = default;
        if (_heapCount > 0) SiftDown(0, last);
        return first;
    }

    private void SiftDown(int place, Entry entry)
    {
        while (true)
        {
            int child = (place * Children) + 1;
            if (child >= _heapCount) break;
            int end = Math.Min(child + Children, _heapCount);
            int least = child;
            for (int other = child + 1; other < end; other++)
            {
                if (_heap[other].IsBefore(_heap[least])) least = other;
            }

            if (!_heap[least].IsBefore(entry)) break;
            _heap[place] = _heap[least];
            place = least;
        }

        _heap[place] = entry;
    }

    private readonly struct Entry(long due, TimerNode node)
    {
        public readonly long Due = due;
        public readonly TimerNode Node = node;

        public bool IsBefore(in Entry other) => Due < other.Due || (Due == other.Due && Node.IsBefore(other.Node));
    }
}
