using System.Collections.Concurrent;

namespace Samovar.Loops.Core;

/// <content>Entry from other threads.</content>
/// <remarks>
/// <list type="number">
/// <item>An entering thread enqueues its callback in the entry queue and sets <c>_hasEntries</c>; the loop clears the flag and then drains the
/// queue. So no entry is missed.</item>
/// <item>The entering thread wakes the loop only if the loop sleeps: see <see cref="LoopParker"/>.</item>
/// <item>Closing follows the same pattern: the loop sets <c>_isClosed</c> and then empties the queue; an entering thread enqueues its entry and then
/// reads <c>_isClosed</c>. The thread that finds an entry in a closed loop forwards it to the thread pool.</item>
/// <item>A <see cref="LoopProbe"/> enters without taking a turn.</item>
/// </list>
/// </remarks>
internal sealed partial class LoopCore
{
    private const int MostAtOnce = 256;

    private static readonly Action s_nothing = static () => { };

    private readonly ConcurrentQueue<ReadyItem> _entries = new();
    private LoopProbe? _probes; // a linked list, newest first
    private bool _needsThread; // written by the owner, under its own lock
    private int _hasEntries;
    private int _isClosed;

    /// <summary>Whether other threads have queued entries or probes. From any thread.</summary>
    public bool HasEntries => Volatile.Read(ref _hasEntries) != 0;

    /// <summary>Whether an entering thread must call <see cref="LoopOwner.StartThread"/>.</summary>
    public bool NeedsThread
    {
        get => Volatile.Read(ref _needsThread);
        set => Volatile.Write(ref _needsThread, value);
    }

    /// <summary>Whether the loop is closed permanently.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed) != 0;

    /// <summary>Closes the loop permanently, after its last <see cref="Run"/>. On the thread that ran it.</summary>
    public void Close()
    {
        // SYNC: entry against close. The close is published (a full fence), then the queue is emptied.
        Interlocked.Exchange(ref _isClosed, 1);
        while (_ready.Count > 0) Forward(_ready.Dequeue());
        ForwardEntries();
        Parker.Dispose();
        _watch?.Dispose();
    }

    /// <summary>Makes the loop check again for pending work, without a callback to run. From any thread.</summary>
    public void Nudge() => TryEnter(s_nothing, null);

    /// <summary>Queues a probe to run between two callbacks. A loop that is blocked in a callback, or that closes first, does not run it. From any
    /// thread.</summary>
    public void Ask(LoopProbe probe)
    {
        var before = Volatile.Read(ref _probes);
        while (true)
        {
            probe.Before = before;

            // SYNC: probe asked. The probe is linked to the one before it, then it is published as the head of the list.
            var seen = Interlocked.CompareExchange(ref _probes, probe, before);
            if (ReferenceEquals(seen, before)) break;
            before = seen;
        }

        Volatile.Write(ref _hasEntries, 1);

        // SYNC: entry against sleep. The entry is published (a full fence), then the parked flag is read.
        Interlocked.MemoryBarrier();
        if (Parker.IsParked) Parker.Wake();
    }

    private void Enter(object callback, object? state)
    {
        if (!TryEnter(callback, state))
            throw new ObjectDisposedException(Owner.Name, $"Event loop '{Owner.Name}' has stopped and accepts no more callbacks.");
    }

    private bool TryEnter(object callback, object? state)
    {
        if (IsClosed) return false;
        if (Clock.IsVirtual) ExternalWork.LookForSystemTimer();
        _entries.Enqueue(new ReadyItem(callback, state));
        Volatile.Write(ref _hasEntries, 1);

        // SYNC: entry against sleep. The entry is published (a full fence), then the parked flag is read.
        // SYNC: entry against close. The entry is published (a full fence), then the closed flag is read.
        Interlocked.MemoryBarrier();
        if (Parker.IsParked) Parker.Wake();
        if (IsClosed) ForwardEntries();
        else if (NeedsThread) Owner.StartThread();
        return true;
    }

    private void TakeEntries()
    {
        Volatile.Write(ref _hasEntries, 0);
        Interlocked.MemoryBarrier(); // the flag is cleared before the queue is read, so a later entry sets it again
        if (Volatile.Read(ref _probes) is not null) RunProbes();

        // The batch is bounded by a constant, not by the queue's count: ConcurrentQueue.Count waits for a moment without a concurrent enqueue, which
        // may never come under load. As many callbacks run as were taken before more are taken; otherwise the loop would do nothing but take entries.
        int taken = 0;
        for (; taken < MostAtOnce && _entries.TryDequeue(out var item); taken++) _ready.Enqueue(item.Callback, item.State);
        _untilEntries = taken;
        if (!_entries.IsEmpty) Volatile.Write(ref _hasEntries, 1);
    }

    private void RunProbes()
    {
        // SYNC: probe asked. The exchange takes the list, so the loop sees each probe's link.
        for (var probe = Interlocked.Exchange(ref _probes, null); probe is not null; probe = probe.Before) probe.Run();
        if (_began != 0) _began = _source.GetTimestamp(); // do not charge the probes' time to a callback
    }

    private void ForwardEntries()
    {
        while (_entries.TryDequeue(out var item)) Forward(item);
    }

    private void Forward(ReadyItem item) =>
        ThreadPool.UnsafeQueueUserWorkItem(
            static forwarded =>
            {
                try
                {
                    forwarded.Item.Run();
                }
                catch (Exception error)
                {
                    // Reported by the loop's owner, as for a callback that fails on the loop.
                    forwarded.Loop.Owner.CallbackFailed(error, forwarded.Item);
                }
            },
            (Loop: this, Item: item), preferLocal: false);
}
