using System.Diagnostics;

namespace Samovar.Primitives;

/// <summary>How long a waiter spins before it blocks or sleeps, as one profile for each kind of wait.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Profile</term><description>Steps</description></listheader>
/// <item><term><see cref="TrySpinBeforeBlocking"/></term><description>Waits for another thread of this process: a few rounds of growing pauses,
/// then two yields of the core, then block. One core: no spin, because the awaited thread needs the core. Two cores: pauses of about two
/// microseconds in total, because caller, worker and thread pool already share them. More cores: about twenty microseconds, which is less than a
/// sleep and a wake-up cost, because a core is likely to be idle.</description></item>
/// <item><term><see cref="Processes"/></term><description>Waits for another process. (1) Poll for about a microsecond, which is less than a sleep
/// and a wake-up cost. (2) Only while cores are idle, poll for up to <see cref="LongSpin"/>. Idle means that the machine has at least four cores,
/// and that fewer than a quarter of them already spin in this process. (3) Sleep until the bell is rung. There is no yield step, because it changed
/// nothing beyond the noise (docs/explanation/decisions/0020). On two cores, polling for longer than a microsecond does harm: a spin of 80 µs made
/// round trips ten times slower there (60 to 160 µs p50 instead of 7 to 13).</description></item>
/// <item><term><see cref="SpinWatched(Func{bool})"/></term><description>Waits for a peer that spins too and answers within a few microseconds: poll
/// for up to <see cref="WatchedSpin"/>. <see cref="SpinHistory"/> decides where such a spin pays.</description></item>
/// <item><term><see cref="Never"/></term><description>Sleeps immediately.</description></item>
/// </list>
/// An instance is immutable; all members are thread-safe.
/// </remarks>
internal sealed class SpinPolicy
{
    private const int ThreadYields = 2;
    private const int LongestThreadPause = 64; // of Thread.SpinWait

    private static readonly int s_threadRounds = Environment.ProcessorCount switch { 1 => 0, 2 => 8, _ => 40 };

    private static int s_spinners;
    private static int s_watched;

    private readonly int _cores;

    /// <param name="cores">Cores that this process may use; with fewer than two no wait spins.</param>
    public SpinPolicy(int cores) => _cores = cores;

    /// <summary>The profile of waits for other processes on this machine.</summary>
    public static SpinPolicy Processes { get; } = new(Environment.ProcessorCount);

    /// <summary>The profile of waits that sleep immediately.</summary>
    public static SpinPolicy Never { get; } = new(0);

    /// <summary>The length of step 2 of <see cref="Processes"/>.</summary>
    public static TimeSpan LongSpin { get; } = TimeSpan.FromMicroseconds(20);

    /// <summary>The number of polls in step 1 of <see cref="Processes"/>; each pauses for some 40 ns.</summary>
    public static int ShortSpinLooks => 24;

    /// <summary>The length of a spin for a peer that spins too: longer than a sleeping core takes to wake up.</summary>
    public static TimeSpan WatchedSpin { get; } = TimeSpan.FromMicroseconds(50);

    /// <summary>How many waiters of this process may be in step 2 of <see cref="Processes"/> at once.</summary>
    public int LongSpinners => _cores < 4 ? 0 : _cores / 4;

    /// <summary>Pauses once, in a wait for another thread of this process. Returns false if the caller must stop spinning and block.</summary>
    /// <param name="pauses">The pauses of this wait so far; 0 at its start.</param>
    public static bool TrySpinBeforeBlocking(ref int pauses)
    {
        if (pauses >= s_threadRounds + ThreadYields || s_threadRounds == 0) return false;
        if (pauses < s_threadRounds) Thread.SpinWait(Math.Min(1 << Math.Min(pauses, 30), LongestThreadPause));
        else Thread.Yield();
        pauses++;
        return true;
    }

    /// <summary>Does steps 1 and 2 of <see cref="Processes"/>.</summary>
    /// <returns>True if <paramref name="ready"/> returned true, so that there is no need to sleep; otherwise, false.</returns>
    public bool SpinUntil(Func<bool> ready) => SpinUntil(ready, static ready => ready());

    /// <inheritdoc cref="SpinUntil(Func{bool})"/>
    /// <param name="state">Passed to <paramref name="ready"/>.</param>
    /// <param name="ready">Returns whether the wait can complete.</param>
    public bool SpinUntil<TState>(TState state, Func<TState, bool> ready)
    {
        if (_cores < 2) return false;
        if (SpinBriefly(state, ready)) return true;
        if (LongSpinners == 0) return false;

        bool spins = Interlocked.Increment(ref s_spinners) <= LongSpinners;
        try
        {
            long start = Stopwatch.GetTimestamp();
            while (spins && Stopwatch.GetElapsedTime(start) < LongSpin)
            {
                Thread.SpinWait(4);
                if (ready(state)) return true;
            }

            return false;
        }
        finally
        {
            Interlocked.Decrement(ref s_spinners);
        }
    }

    /// <summary>Does steps 1 and 2 of <see cref="Processes"/>, then the spin for a peer that spins too, unless the history skips it.</summary>
    /// <inheritdoc cref="SpinUntil{TState}(TState, Func{TState, bool})"/>
    /// <param name="state">Passed to <paramref name="ready"/>.</param>
    /// <param name="ready">Returns whether the wait can complete.</param>
    /// <param name="history">The outcomes at the place of the wait; updated.</param>
    public bool SpinUntil<TState>(TState state, Func<TState, bool> ready, ref SpinHistory history)
    {
        return SpinUntil(state, ready) || SpinWatched(state, ready, ref history);
    }

    /// <summary>Does step 1 of <see cref="Processes"/>, then the spin for a peer that spins too, unless the history skips it: for an asynchronous wait,
    /// whose thread could do other work meanwhile.</summary>
    /// <inheritdoc cref="SpinUntil{TState}(TState, Func{TState, bool}, ref SpinHistory)"/>
    /// <param name="state">Passed to <paramref name="ready"/>.</param>
    /// <param name="ready">Returns whether the wait can complete.</param>
    /// <param name="history">The outcomes of asynchronous waits at the place; updated.</param>
    public bool SpinAsynchronously<TState>(TState state, Func<TState, bool> ready, ref SpinHistory history)
    {
        return _cores >= 2 && (SpinBriefly(state, ready) || SpinWatched(state, ready, ref history));
    }

    /// <summary>Polls for up to <see cref="WatchedSpin"/>, for a peer that spins too. Such a pair needs two cores, so at most half of the cores
    /// spin like this in this process; a further waiter does not spin.</summary>
    /// <returns>True if <paramref name="ready"/> returned true, so that there is no need to sleep; otherwise, false.</returns>
    public bool SpinWatched(Func<bool> ready) => SpinWatched(ready, static ready => ready());

    /// <inheritdoc cref="SpinWatched(Func{bool})"/>
    /// <param name="state">Passed to <paramref name="ready"/>.</param>
    /// <param name="ready">Returns whether the wait can complete.</param>
    public bool SpinWatched<TState>(TState state, Func<TState, bool> ready)
    {
        if (_cores < 2) return false;

        try
        {
            return Interlocked.Increment(ref s_watched) <= _cores / 2 && LookWatched(state, ready);
        }
        finally
        {
            Interlocked.Decrement(ref s_watched);
        }
    }

    private bool SpinWatched<TState>(TState state, Func<TState, bool> ready, ref SpinHistory history)
    {
        if (!history.TryBegin()) return false;
        bool succeeded = SpinWatched(state, ready);
        history.Settle(succeeded);
        return succeeded;
    }

    private static bool SpinBriefly<TState>(TState state, Func<TState, bool> ready)
    {
        for (int look = 0; look < ShortSpinLooks; look++)
        {
            Thread.SpinWait(1);
            if (ready(state)) return true;
        }

        return false;
    }

    private static bool LookWatched<TState>(TState state, Func<TState, bool> ready)
    {
        long start = Stopwatch.GetTimestamp();
        do
        {
            for (int look = 0; look < ShortSpinLooks; look++)
            {
                if (ready(state)) return true;
                Thread.SpinWait(1);
            }
        }
        while (Stopwatch.GetElapsedTime(start) < WatchedSpin);

        return false;
    }
}
