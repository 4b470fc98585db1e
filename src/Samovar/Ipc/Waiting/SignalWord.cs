using System.Runtime.CompilerServices;
using Samovar.Ipc.Platform;

namespace Samovar.Ipc.Waiting;

// A signal is one 32-bit word in shared memory at which threads of several processes wait for something to change.
//
//     bit 0      waiting     somebody may sleep here
//     bit 1      notified    one was woken who has not looked yet
//     bits 2-31  turn        counts wake-ups; a sleeper sleeps only while it stands
//
// 1. A waiter sets `waiting` and clears `notified` (full fence), looks at what it waits for, and sleeps at the word it has left
//    there. Whoever returns from sleep begins anew: nobody leaves without a look after his last clearing of `notified`.
// 2. A waker publishes, makes a full fence, and reads the word. `waiting` clear: nothing to do, no system call. So at least one
//    of both sees the other.
// 3. `notified` set: somebody is on his way who will look after this publication (rule 1). Nothing to do either: a stream of
//    messages costs one wake-up, not one each. Who takes one of several things there wakes the next.
// 4. Otherwise the waker sets `notified` and advances the turn by one compare-and-swap, and wakes one sleeper. A waiter between
//    its look and its sleep finds the turn changed. If none slept, both bits are cleared again, unless the word has changed
//    meanwhile. So a bit that a dead waiter left costs one system call.
//    This serves waiters that all wait for the same. Where they do not, the one that is woken may find nothing for itself, so all are woken.
// 5. To wake all, the waker clears both bits, advances the turn, and wakes all: a waiter that goes on waiting sets `waiting`
//    again, and none sleeps before that.
// 6. A process that dies between the compare-and-swap and the wake-up, or that was woken and dies before it has looked and woken
//    the next, leaves others asleep. Each process that sleeps therefore watches the others that use the object (ProcessRegistration),
//    and wakes all when one dies.
// 7. A peer may write anything into the word. The worst are wake-ups for nothing, and those that do not come.

/// <summary>The moves of a signal's word. Nothing else changes it.</summary>
internal readonly unsafe struct SignalWord(uint* word, WaitPlatform platform)
{
    private const uint Waiting = 1;
    private const uint Notified = 2;
    private const uint Turn = 4;

    public nint Address => (nint)word;

    /// <summary>For tests: called at each point between which this process may die.</summary>
    internal static Action<SignalStep>? StepReached { get; set; }

    /// <summary>Waiter: announces that it will sleep unless what it waits for is there. Look at it after this.</summary>
    /// <returns>What to sleep at.</returns>
    public WaitedWord Prepare() => Prepare(out _);

    /// <inheritdoc cref="Prepare()"/>
    /// <param name="wasNotified">One waiter was to look, and it is this one.</param>
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

    /// <summary>How many wake-ups lie between two looks; 1 for the next.</summary>
    public static uint TurnsBetween(uint earlier, uint later) => (later / Turn) - (earlier / Turn) & (uint.MaxValue / Turn);

    /// <summary>Waker, after publishing: wakes one waiter, if any sleeps and none is on its way.</summary>
    public void WakeOne()
    {
        Interlocked.MemoryBarrier(); // SYNC: published or waiting
        uint found = Volatile.Read(ref *word);
        if ((found & (Waiting | Notified)) == Waiting) WakeSleeper(found);
    }

    /// <summary>Waker, after publishing: wakes all waiters.</summary>
    public void WakeAll()
    {
        Interlocked.MemoryBarrier(); // SYNC: published or waiting
        if ((Volatile.Read(ref *word) & Waiting) != 0) WakeAllRegardless();
    }

    /// <summary>Wakes all waiters, whatever the word says of them: a process has died.</summary>
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

    /// <summary>Waker, after publishing and a full fence of its own: as <see cref="WakeOne"/>. Free where nobody sleeps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WakeOneAfterFence()
    {
        uint found = Volatile.Read(ref *word); // SYNC: published or waiting
        if ((found & (Waiting | Notified)) == Waiting) WakeSleeper(found);
    }

    /// <summary>Waker, after publishing and a full fence of its own: as <see cref="WakeAll"/>. Free where no waiter sleeps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WakeAllAfterFence()
    {
        if ((Volatile.Read(ref *word) & Waiting) != 0) // SYNC: published or waiting
            WakeAllRegardless();
    }

    /// <summary>Waker, after a full fence: somebody may sleep, and nobody is on his way.</summary>
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

/// <summary>The moments between which a process may die at a signal. Tests stop at each; nothing else looks at them.</summary>
internal enum SignalStep
{
    /// <summary>Waiter: said that it will sleep, and has not looked.</summary>
    Announced,

    /// <summary>Waker: the turn is advanced, nobody is woken.</summary>
    TurnAdvanced,

    /// <summary>Waker: somebody is woken, or nobody was there.</summary>
    Woken,
}
