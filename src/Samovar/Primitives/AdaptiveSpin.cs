namespace Samovar.Primitives;

/// <summary>How long the waiters at one place look before they sleep: long where what was waited for lately came soon.</summary>
/// <remarks>
/// <list type="number">
/// <item>Each wait looks for a microsecond (<see cref="SpinPolicy"/>), and then, unless it is to be skipped, for
/// <see cref="SpinPolicy.WatchedSpin"/>: two processes that answer each other then need no system call.</item>
/// <item>A long look in vain has the next one skipped; each further one in a row twice as many and one more, up to
/// <see cref="MostSkipped"/>. So who waits for what comes seldom pays for it once in so many waits.</item>
/// <item>A sleep that was shorter than the long look ends the skipping: looking would have sufficed.</item>
/// </list>
/// The numbers are guesses of one process about others; threads change them without a lock, and nothing depends on them but time.
/// </remarks>
internal sealed class AdaptiveSpin(SpinPolicy policy)
{
    public const int MostSkipped = 255;

    private int _toSkip;
    private int _penalty;

    /// <summary>Looks; true where <paramref name="ready"/> came true.</summary>
    /// <param name="state">Given to <paramref name="ready"/>.</param>
    /// <param name="ready">What is waited for.</param>
    public bool SpinUntil<TState>(TState state, Func<TState, bool> ready)
    {
        if (policy.SpinUntil(state, ready)) return true;
        int toSkip = Volatile.Read(ref _toSkip);
        if (toSkip > 0)
        {
            Volatile.Write(ref _toSkip, toSkip - 1);
            return false;
        }

        if (policy.SpinWatched(state, ready))
        {
            Volatile.Write(ref _penalty, 0);
            return true;
        }

        int penalty = Math.Min((2 * Volatile.Read(ref _penalty)) + 1, MostSkipped);
        Volatile.Write(ref _penalty, penalty);
        Volatile.Write(ref _toSkip, penalty);
        return false;
    }

    /// <summary>A waiter has slept, and found what it waited for.</summary>
    /// <param name="wait">How long it took, from the first look.</param>
    public void Slept(TimeSpan wait)
    {
        if (wait < SpinPolicy.WatchedSpin) Volatile.Write(ref _toSkip, 0);
    }
}
