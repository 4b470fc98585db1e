using System.Runtime.CompilerServices;
using Samovar.Ipc.Platform;

namespace Samovar.Ipc.Waiting;

// A signal is one 32-bit word in shared memory at which threads of several processes wait for a change.
//
//     bit 0      waiting     a waiter may be sleeping here
//     bit 1      notified    a waiter was woken and has not looked yet
//     bits 2-31  turn        counts wake-ups; a sleeper sleeps only while it is unchanged
//
// 1. A waiter sets `waiting` and clears `notified` (full fence), looks at what it waits for, and sleeps at the word that it has stored. A waiter that
//    returns from sleep starts over: no waiter leaves without a look after it last cleared `notified`.
// 2. A waker publishes, makes a full fence, and reads the word. If `waiting` is clear, there is nothing to do, and no system call. So at least one of
//    the two sides sees the other.
// 3. If `notified` is set, a woken waiter will look after this publication (rule 1), so there is nothing to do either: a stream of messages costs one
//    wake-up, not one for each message. A waiter that takes one of several available things wakes the next.
// 4. Otherwise the waker sets `notified` and advances the turn by one compare-and-swap, and wakes one sleeper. A waiter between its look and its
//    sleep finds the turn changed. If no waiter slept, both bits are cleared again, unless the word has changed in the meantime. So a bit that a dead
//    waiter left costs one system call.
//    This is correct for waiters that all wait for the same thing. Otherwise the woken waiter may find nothing for itself, so all are woken.
// 5. To wake all, the waker clears both bits, advances the turn, and wakes all: a waiter that continues to wait sets `waiting` again, and none sleeps
//    before that.
// 6. Other waiters stay asleep when a process dies between the compare-and-swap and the wake-up, or when a woken process dies before it has looked
//    and woken the next one. Therefore each process that sleeps watches the others that use the object (ProcessRegistration), and wakes all waiters
//    when one dies.
// 7. A peer may write anything into the word. The worst consequences are wake-ups without reason, and missing wake-ups.

/// <summary>The transitions of a signal's word. Nothing else changes it.</summary>
internal readonly unsafe struct SignalWord(uint* word, WaitPlatform platform)
{
    private const uint Waiting = 1;
    private const uint Notified = 2;
    private const uint Turn = 4;

    public nint Address => (nint)word;

    /// <summary>For tests: called at each point at which this process may die.</summary>
    internal static Action<SignalStep>? StepReached { get; set; }

    /// <summary>Called by a waiter: announces that it will sleep. The waiter has to look at what it waits for after this.</summary>
    /// <returns>The word and value at which to sleep.</returns>
    public WaitedWord Prepare() => Prepare(out _);

    /// <inheritdoc cref="Prepare()"/>
    /// <param name="wasNotified">Whether one waiter had to look; this waiter does so now.</param>
    public WaitedWord Prepare(out bool wasNotified)
    {
        uint found = Volatile.Read(ref *word);
        while (true)
        {
            uint next = (found | Waiting) & ~Notified;
            uint before = Interlocked.CompareExchange(ref *word, next, found); // SYNC: published or waiting
            if (before == found)
            {
                wasNotified = (found & Notified) != 0;
                StepReached?.Invoke(SignalStep.Announced);
                return new WaitedWord(Address, next);
            }

            found = before;
        }
    }

    /// <summary>The number of wake-ups between two looks; 1 for consecutive turns.</summary>
    public static uint TurnsBetween(uint earlier, uint later) => (later / Turn) - (earlier / Turn) & (uint.MaxValue / Turn);

    /// <summary>Called by a waker after publishing: wakes one waiter, if one sleeps and no woken waiter has yet to look.</summary>
    public void WakeOne()
    {
        Interlocked.MemoryBarrier(); // SYNC: published or waiting
        uint found = Volatile.Read(ref *word);
        if ((found & (Waiting | Notified)) == Waiting) WakeSleeper(found);
    }

    /// <summary>Called by a waker after publishing: wakes all waiters.</summary>
    public void WakeAll()
    {
        Interlocked.MemoryBarrier(); // SYNC: published or waiting
        if ((Volatile.Read(ref *word) & Waiting) != 0) WakeAllRegardless();
    }

    /// <summary>Wakes all waiters, whatever the word contains: a process has died or joined.</summary>
    public void WakeAllRegardless()
    {
        uint found = Volatile.Read(ref *word);
        while (true)
        {
            uint before = Interlocked.CompareExchange(ref *word, (found + Turn) & ~(Waiting | Notified), found);
            if (before == found) break;
            found = before;
        }

        StepReached?.Invoke(SignalStep.TurnAdvanced);
        platform.WakeAll(word);
    }

    /// <summary>Called by a waker after publishing and a full fence of its own: the same as <see cref="WakeOne"/>, and free without
    /// sleepers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WakeOneAfterFence()
    {
        uint found = Volatile.Read(ref *word); // SYNC: published or waiting
        if ((found & (Waiting | Notified)) == Waiting) WakeSleeper(found);
    }

    /// <summary>Called by a waker after publishing and a full fence of its own: the same as <see cref="WakeAll"/>, and free without
    /// sleepers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WakeAllAfterFence()
    {
        if ((Volatile.Read(ref *word) & Waiting) != 0) // SYNC: published or waiting
            WakeAllRegardless();
    }

    /// <summary>Called by a waker after a full fence: whether a waiter may be sleeping, and no woken waiter has yet to look.</summary>
    public bool IsWaitedFor => (Volatile.Read(ref *word) & (Waiting | Notified)) == Waiting;

    private void WakeSleeper(uint found)
    {
        while ((found & (Waiting | Notified)) == Waiting)
        {
            uint next = (found + Turn) | Notified;
            uint before = Interlocked.CompareExchange(ref *word, next, found);
            if (before != found)
            {
                found = before;
                continue;
            }

            StepReached?.Invoke(SignalStep.TurnAdvanced);
            if (!platform.WakeOne(word)) Interlocked.CompareExchange(ref *word, next & ~(Waiting | Notified), next);
            StepReached?.Invoke(SignalStep.Woken);
            return;
        }
    }
}

/// <summary>The points at which a process may die while it uses a signal. Used by tests only.</summary>
internal enum SignalStep
{
    /// <summary>Waiter: it has announced that it will sleep, and has not looked.</summary>
    Announced,

    /// <summary>Waker: the turn is advanced; no waiter is woken.</summary>
    TurnAdvanced,

    /// <summary>Waker: it has woken a waiter, if one slept.</summary>
    Woken,
}
