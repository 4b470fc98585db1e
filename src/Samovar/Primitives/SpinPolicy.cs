using System.Diagnostics;

namespace Samovar.Primitives;

/// <summary>How long a waiter looks before it sleeps.</summary>
/// <remarks>
/// The steps:
/// <list type="number">
/// <item>Look once.</item>
/// <item>Look for about a microsecond: less than a sleep and a wake-up cost.</item>
/// <item>Only while cores are idle, look for up to <see cref="LongSpin"/>. Idle means that this machine has at least four cores
/// and fewer than a quarter of them spin in this process already.</item>
/// <item>Sleep until rung.</item>
/// </list>
/// There is no yield step: it changed nothing beyond the noise (docs/explanation/decisions/0020). On two cores more than a microsecond is
/// harm: spinning there made round trips ten times slower (a spin of 80 µs: 60 to 160 µs p50 instead of 7 to 13).
/// </remarks>
internal sealed class SpinPolicy
{
    private static int s_spinners;
    private static int s_watched;

    private readonly int _cores;

    /// <param name="cores">Cores this process may use.</param>
    public SpinPolicy(int cores) => _cores = cores;

    /// <summary>For this machine.</summary>
    public static SpinPolicy Default { get; } = new(Environment.ProcessorCount);

    /// <summary>Sleeps at once.</summary>
    public static SpinPolicy Never { get; } = new(0);

    /// <summary>Step 3's length.</summary>
    public static TimeSpan LongSpin { get; } = TimeSpan.FromMicroseconds(20);

    /// <summary>Step 2's number of looks; each pauses for some 40 ns.</summary>
    public static int ShortSpinLooks => 24;

    /// <summary>How many waiters of this process may be in step 3 at once.</summary>
    public int LongSpinners => _cores < 4 ? 0 : _cores / 4;

    /// <summary>How long a waiter looks that knows to be watched: the other side looks too, and answers within a few microseconds.
    /// Longer than a sleeping core takes to wake up.</summary>
    public static TimeSpan WatchedSpin { get; } = TimeSpan.FromMicroseconds(50);

    /// <summary>Looks for up to <see cref="WatchedSpin"/>, in the place of steps 2 and 3: where both sides of a conversation look,
    /// they need two cores and nobody else does. No more do than half of the cores in this process.</summary>
    /// <returns>True where <paramref name="ready"/> came true.</returns>
    public bool SpinWatched(Func<bool> ready) => SpinWatched(ready, static ready => ready());

    /// <inheritdoc cref="SpinWatched(Func{bool})"/>
    /// <param name="state">Given to <paramref name="ready"/>.</param>
    /// <param name="ready">What is waited for.</param>
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

    /// <summary>Does steps 2 and 3.</summary>
    /// <returns>True where <paramref name="ready"/> came true: there is no need to sleep.</returns>
    public bool SpinUntil(Func<bool> ready) => SpinUntil(ready, static ready => ready());

    /// <inheritdoc cref="SpinUntil(Func{bool})"/>
    /// <param name="state">Given to <paramref name="ready"/>.</param>
    /// <param name="ready">What is waited for.</param>
    public bool SpinUntil<TState>(TState state, Func<TState, bool> ready)
    {
        if (_cores < 2) return false;

        for (int look = 0; look < ShortSpinLooks; look++)
        {
            Thread.SpinWait(1);
            if (ready(state)) return true;
        }

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
}
