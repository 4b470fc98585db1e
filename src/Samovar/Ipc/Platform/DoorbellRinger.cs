namespace Samovar.Ipc.Platform;

// A doorbell is one 32-bit word in shared memory (0 awake, 1 asleep) and a way to wake the one who sleeps there. One sleeper, any
// number of ringers.
//
// 1. The sleeper writes 1, makes a full fence, looks once more at what it waits for, and sleeps only while the word is still 1.
// 2. A ringer publishes, makes a full fence, and reads the word. 0: nothing to do, no system call. 1: it swaps it to 0, and if it
//    was the one who did, wakes the sleeper. So at least one of both sees the other, and one sleep costs one wake-up.
// 3. A ringer that dies or is stopped between the swap and the wake-up leaves the sleeper asleep. Its death interrupts the
//    sleeper (pidfd, or the socket's end); against a stopped one, a sleeper with several ringers bounds its sleep while work is
//    in flight.
// 4. A peer may write anything into the word: the worst are a wake-up for nothing and a wake-up that comes at the sleep's bound.

/// <summary>The side of a doorbell that rings. Safe for any thread.</summary>
internal abstract unsafe class DoorbellRinger
{
    private readonly uint* _word;

    protected DoorbellRinger(uint* word) => _word = word;

    /// <summary>Wakes the sleeper if it sleeps. Call after publishing.</summary>
    public void Ring()
    {
        Interlocked.MemoryBarrier(); // SYNC: published or asleep
        if (Volatile.Read(ref *_word) != 0) RingSleeper();
    }

    /// <summary>Whether the sleeper sleeps, so that <see cref="Ring"/> would wake it. Call after publishing.</summary>
    public bool IsNeeded()
    {
        Interlocked.MemoryBarrier(); // SYNC: published or asleep
        return Volatile.Read(ref *_word) != 0;
    }

    protected abstract void Wake();

    private void RingSleeper()
    {
        if (Interlocked.Exchange(ref *_word, 0) != 0) Wake();
    }
}
