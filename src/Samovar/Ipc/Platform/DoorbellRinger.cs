namespace Samovar.Ipc.Platform;

// A doorbell is one 32-bit word in shared memory (0 awake, 1 asleep) and a way to wake the thread that sleeps there. One sleeper, any number of
// ringers.
//
// 1. The sleeper writes 1, makes a full fence, checks once more what it waits for, and sleeps only while the word is still 1.
// 2. A ringer publishes, makes a full fence, and reads the word. If it is 0, there is nothing to do, and no system call. If it is 1, the ringer swaps
//    it to 0, and wakes the sleeper if it was the one that swapped. So at least one of the two sides sees the other, and one sleep costs one wake-up.
// 3. A ringer that dies or is stopped between the swap and the wake-up leaves the sleeper asleep. Its death interrupts the sleeper (pidfd, or the end
//    of the socket). To protect against a stopped ringer, a sleeper with several ringers limits its sleep while work is in flight.
// 4. A peer may write anything into the word. The worst consequences are a wake-up without reason, and a wake-up delayed to the limit of the sleep.

/// <summary>The side of a doorbell that rings. Thread-safe.</summary>
internal abstract unsafe class DoorbellRinger
{
    private readonly uint* _word;

    protected DoorbellRinger(uint* word) => _word = word;

    /// <summary>Wakes the sleeper if it sleeps. Called after publishing.</summary>
    public void Ring()
    {
        Interlocked.MemoryBarrier(); // SYNC: published or asleep
        if (Volatile.Read(ref *_word) != 0) RingSleeper();
    }

    /// <summary>Whether the sleeper sleeps, so that <see cref="Ring"/> would wake it. Called after publishing.</summary>
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
