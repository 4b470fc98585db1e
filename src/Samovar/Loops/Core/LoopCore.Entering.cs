using System.Collections.Concurrent;

namespace Samovar.Loops.Core;

/// <content>How other threads come in.</content>
/// <remarks>
/// <list type="number">
/// <item>A thread that comes in puts its callback into the entry queue and raises <c>_hasEntries</c>; the loop lowers it and then takes what is
/// there. So no entry stays behind unseen.</item>
/// <item>It wakes the loop only where that sleeps: see <see cref="LoopParker"/>.</item>
/// <item>Likewise at the end: the loop says that it is closed and empties the queue; a thread that comes in puts its entry down and then looks whether the loop is
/// closed. The one that finds an entry hands it to the thread pool.</item>
/// <item>A <see cref="LoopProbe"/> comes in without being a turn.</item>
/// </list>
/// </remarks>
internal sealed partial class LoopCore
{
    private const int MostAtOnce = 256;

    private static readonly Action s_nothing = static () => { };

    private readonly ConcurrentQueue<ReadyItem> _entries = new();
    private LoopProbe? _probes; // the last one first
    private bool _needsThread; // written by the owner, under its own lock
    private int _hasEntries;
    private int _isClosed;

    /// <summary>Whether other threads have put something down. From any thread.</summary>
    public bool HasEntries => Volatile.Read(ref _hasEntries) != 0;

    /// <summary>Whether <see cref="LoopOwner.StartThread"/> is to be called when work comes in.</summary>
    public bool NeedsThread
    {
        get => Volatile.Read(ref _needsThread);
        set => Volatile.Write(ref _needsThread, value);
    }

    /// <summary>Whether the loop has ended for good.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed) != 0;

    /// <summary>Ends it for good, after its last <see cref="Run"/>. On the thread that ran it.</summary>
    public void Close()
    {
        // SYNC: entry against close. It is announced (a full fence), then the queue is emptied.
        Interlocked.Exchange(ref _isClosed, 1);
        while (_ready.Count > 0) Forward(_ready.Dequeue());
        ForwardEntries();
        Parker.Dispose();
        _watch?.Dispose();
    }

    /// <summary>Has the loop look again for what is under way, without anything to run. From any thread.</summary>
    public void Nudge() => TryEnter(s_nothing, null);

    /// <summary>Has something done between two callbacks. A loop that is stuck, or ends before, does not come to it. From any thread.</summary>
    public void Ask(LoopProbe probe)
    {
        var before = Volatile.Read(ref _probes);
        while (true)
        {
            probe.Before = before;

            // SYNC: probe asked. It and the one before it are linked, then they are put in place.
            var seen = Interlocked.CompareExchange(ref _probes, probe, before);
            if (ReferenceEquals(seen, before)) break;
            before = seen;
        }

        Volatile.Write(ref _hasEntries, 1);

        // SYNC: entry against sleep. It is put down (a full fence), then it is read whether the loop sleeps.
        Interlocked.MemoryBarrier();
        if (Parker.IsParked) Parker.Wake();
    }

    private void Enter(object callback, object? state)
    {
        if (!TryEnter(callback, state)) throw new ObjectDisposedException(Owner.Name, $"Event loop '{Owner.Name}' has ended and runs nothing any more.");
    }

    private bool TryEnter(object callback, object? state)
    {
        if (IsClosed) return false;
        if (Clock.IsVirtual) ExternalWork.LookForSystemTimer();
        _entries.Enqueue(new ReadyItem(callback, state));
        Volatile.Write(ref _hasEntries, 1);

        // SYNC: entry against sleep. It is put down (a full fence), then it is read whether the loop sleeps.
        // SYNC: entry against close. It is put down (a full fence), then it is read whether the loop has ended.
        Interlocked.MemoryBarrier();
        if (Parker.IsParked) Parker.Wake();
        if (IsClosed) ForwardEntries();
        else if (NeedsThread) Owner.StartThread();
        return true;
    }

    private void TakeEntries()
    {
        Volatile.Write(ref _hasEntries, 0);
        Interlocked.MemoryBarrier(); // lowered before the queue is read: what comes later raises it again
        if (Volatile.Read(ref _probes) is not null) RunProbes();

        // A number of its own bounds it, not the queue's count: that waits for a moment in which nobody comes in, and under a flood there is none. And for
        // each that is taken in one is run before more are: otherwise the loop would do nothing else.
        int taken = 0;
        for (; taken < MostAtOnce && _entries.TryDequeue(out var item); taken++) _ready.Enqueue(item.Callback, item.State);
        _untilEntries = taken;
        if (!_entries.IsEmpty) Volatile.Write(ref _hasEntries, 1);
    }

    private void RunProbes()
    {
        // SYNC: probe asked. The loop, which takes it, sees what it is linked to.
        for (var probe = Interlocked.Exchange(ref _probes, null); probe is not null; probe = probe.Before) probe.Run();
        if (_began != 0) _began = _source.GetTimestamp(); // the time they took is no callback's
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
                    // As on the loop: its owner reports it.
                    forwarded.Loop.Owner.CallbackFailed(error, forwarded.Item);
                }
            },
            (Loop: this, Item: item), preferLocal: false);
}
