namespace Samovar.Loops;

/// <content>What other threads see of the loop, and ask of it beside its work.</content>
internal sealed partial class LoopCore
{
    private LoopAside? _asides; // the last one first
    private long _began; // the callback at hand, by the source's clock; the loop's thread writes, others read
    private string? _blockedAt;
    private int _isInHeardWait;
    private long _toldOf; // the callback whose wait was told of last, by its beginning; as _began

    /// <summary>When the callback at hand began, by the source's clock; 0 where none runs, or where slow ones are not measured. From any thread.</summary>
    public long Began => Volatile.Read(ref _began);

    /// <summary>Whether the loop's thread is in a wait that reports itself when it gets long. From any thread.</summary>
    public bool IsInHeardWait => Volatile.Read(ref _isInHeardWait) != 0;

    /// <summary>The callback, by its beginning, that reported last that it waits. From any thread.</summary>
    public long ToldOf => Volatile.Read(ref _toldOf);

    /// <summary>What it runs at this moment, seen from another thread: the callback, since when, and, if the thread is blocked, where. The three may be of
    /// different moments; of a callback that has run for long they are not.</summary>
    public (ReadyItem Callback, TimeSpan? RunsFor, string? BlockedAt) SeenFromOutside
    {
        get
        {
            long began = Volatile.Read(ref _began);
            return (_running, _slow == long.MaxValue || began == 0 ? null : Source.GetElapsedTime(began), Volatile.Read(ref _blockedAt));
        }
    }

    /// <summary>Has something done between two callbacks. A loop that is stuck, or ends before, does not come to it. From any thread.</summary>
    public void Ask(LoopAside aside)
    {
        var before = Volatile.Read(ref _asides);
        while (true)
        {
            aside.Before = before;

            // SYNC: aside asked. It and the one before it are linked, then they are put in place.
            var seen = Interlocked.CompareExchange(ref _asides, aside, before);
            if (ReferenceEquals(seen, before)) break;
            before = seen;
        }

        Volatile.Write(ref _hasEntries, 1);

        // SYNC: entry against sleep. It is put down (a full fence), then it is read whether the loop sleeps.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isAsleep) != 0) Wake();
    }

    private void RunAsides()
    {
        // SYNC: aside asked. Whoever takes it sees what it is linked to.
        for (var aside = Interlocked.Exchange(ref _asides, null); aside is not null; aside = aside.Before) aside.Run();
        if (_began != 0) _began = Source.GetTimestamp(); // the time they took is no callback's
    }

    /// <summary>Blocks for user code on the loop's thread. Nothing else runs meanwhile, so if it takes long, it is told of; and if nothing
    /// can end it, it fails.</summary>
    public int Block(IntPtr[] handles, bool all, int milliseconds)
    {
        int limit = BlockLimit == Timeout.InfiniteTimeSpan ? milliseconds : Math.Max(1, (int)BlockLimit.TotalMilliseconds);
        if (milliseconds >= 0 && milliseconds <= limit || limit < 0) return LoopContext.BlockFor(handles, all, milliseconds);
        Volatile.Write(ref _isInHeardWait, 1);
        try
        {
            int outcome = LoopContext.BlockFor(handles, all, limit);
            if (outcome != WaitTimedOut) return outcome;
            string stack = Environment.StackTrace;
            Volatile.Write(ref _blockedAt, stack);
            Volatile.Write(ref _toldOf, _began); // SYNC: wait told of. Before the wait is said to be over.
            Host.IsBlocked(_running, stack, milliseconds == Timeout.Infinite);
            return LoopContext.BlockFor(handles, all, milliseconds == Timeout.Infinite ? milliseconds : milliseconds - limit);
        }
        finally
        {
            Volatile.Write(ref _blockedAt, null);
            Volatile.Write(ref _isInHeardWait, 0);
        }
    }
}
