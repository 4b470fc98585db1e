using System.Diagnostics;
using Samovar.Primitives;

namespace Samovar.Ipc.Platform;

/// <summary>The side of a doorbell that sleeps. One thread at a time waits; any thread of this process interrupts.</summary>
internal abstract unsafe class DoorbellSleeper : IDisposable
{
    private readonly uint* _word;
    private readonly SpinPolicy _spin;
    private int _interrupted;

    protected DoorbellSleeper(uint* word, SpinPolicy spin)
    {
        _word = word;
        _spin = spin;
    }

    /// <summary>How often this sleeper went to sleep in the kernel, for statistics and tests.</summary>
    public long Sleeps { get; private set; }

    protected uint* Word => _word;

    /// <summary>Waits until <paramref name="ready"/> is true.</summary>
    /// <param name="ready">Reads shared memory; called often, by the waiting thread. Reuse the delegate instead of allocating one for each
    /// wait.</param>
    /// <param name="timeout">How long to wait; <see cref="Timeout.InfiniteTimeSpan"/> to wait indefinitely.</param>
    public WaitOutcome Wait(Func<bool> ready, TimeSpan timeout)
    {
        if (Volatile.Read(ref _interrupted) == 0)
        {
            if (ready()) return WaitOutcome.Ready;
            if (timeout == TimeSpan.Zero) return WaitOutcome.TimedOut;
            if (_spin.SpinUntil(ready)) return WaitOutcome.Ready;
        }

        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            Volatile.Write(ref *_word, 1);
            Interlocked.MemoryBarrier(); // SYNC: published or asleep
            bool interrupted = Interlocked.Exchange(ref _interrupted, 0) != 0; // SYNC: interrupted
            TimeSpan left = timeout == Timeout.InfiniteTimeSpan ? timeout : timeout - Stopwatch.GetElapsedTime(start);
            if (interrupted || ready())
            {
                Volatile.Write(ref *_word, 0);
                return interrupted ? WaitOutcome.Interrupted : WaitOutcome.Ready;
            }

            if (left != Timeout.InfiniteTimeSpan && left <= TimeSpan.Zero)
            {
                Volatile.Write(ref *_word, 0);
                return WaitOutcome.TimedOut;
            }

            Sleeps++;
            Sleep(left);
        }
    }

    /// <summary>
    /// Completes the current wait, or the next one, with <see cref="WaitOutcome.Interrupted"/>. Several interrupts count as one.
    /// </summary>
    public void Interrupt()
    {
        Interlocked.Exchange(ref _interrupted, 1); // SYNC: interrupted
        if (Interlocked.Exchange(ref *_word, 0) != 0) WakeLocally();
    }

    /// <summary>Takes over the sleeper's duty while it sleeps: until <see cref="EndTakeOver"/> no ringer wakes it, and the caller checks in its
    /// place. The caller must exclude other threads, including the sleeper's own work.</summary>
    /// <returns>False if it does not sleep.</returns>
    public bool TryTakeOver() => Interlocked.CompareExchange(ref *_word, 0, 1) == 1; // SYNC: published or asleep

    /// <summary>Returns the duty to the sleeper, and wakes it if there is something to do for which no ringer has woken it.</summary>
    /// <param name="ready">See <see cref="Wait"/>.</param>
    public void EndTakeOver(Func<bool> ready)
    {
        // If the sleeper has woken by itself in the meantime, this costs one unnecessary wake-up; it writes the word before it sleeps.
        Volatile.Write(ref *_word, 1);
        Interlocked.MemoryBarrier(); // SYNC: published or asleep
        if ((Volatile.Read(ref _interrupted) != 0 || ready()) && Interlocked.Exchange(ref *_word, 0) != 0) // SYNC: interrupted
            WakeLocally();
    }

    public virtual void Dispose()
    {
    }

    /// <summary>Sleeps while the word is 1; may return early.</summary>
    /// <param name="timeout">Above zero, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    protected abstract void Sleep(TimeSpan timeout);

    /// <summary>Wakes the sleeper from its own process.</summary>
    protected abstract void WakeLocally();
}
