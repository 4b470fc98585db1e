namespace Samovar.Primitives;

/// <summary>The outcomes of long spins at one place, which decide whether the next wait at that place does a long spin or skips it.</summary>
/// <remarks>
/// <list type="number">
/// <item>A wait that may spin (<see cref="TryBegin"/>) reports the outcome (<see cref="Settle"/>), or that it did not spin
/// (<see cref="Withdraw"/>).</item>
/// <item>Consecutive failures, beyond the number that the profile tolerates, make the next waits skip the spin: 1, 3, 7 and so on up to
/// <see cref="MostSkipped"/>, and never fewer than the minimum of the profile. A place where long spins fail therefore pays for only a fraction of
/// its waits.</item>
/// <item>A success resets the failures.</item>
/// </list>
/// Threads may share a history without a lock: an update can be lost, which affects only timing. This is a mutable struct: keep it in a field that
/// is not read-only, and pass it by reference.
/// </remarks>
internal struct SpinHistory
{
    /// <summary>The largest number of consecutive waits that skip the long spin.</summary>
    public const int MostSkipped = (1 << MostDoublings) - 1;

    private const int MostDoublings = 8;

    private readonly int _forgiven; // consecutive failures that cause no wait to skip the spin
    private readonly int _leastSkipped;
    private int _failures; // consecutive
    private int _toSkip;

    private SpinHistory(int forgiven, int leastSkipped)
    {
        _forgiven = forgiven;
        _leastSkipped = leastSkipped;
    }

    /// <summary>The profile of a signal between processes: every failure counts, and the skipped waits double.</summary>
    public static SpinHistory OfSignal => default;

    /// <summary>The profile of callers that read results in place of the draining thread: each one tries until four consecutive spins have failed;
    /// after that, one of 256 tries.</summary>
    public static SpinHistory OfCallers => new(forgiven: 3, leastSkipped: MostSkipped);

    /// <summary>The profile of asynchronous waits: every failure counts, and the first waits skip the long spin, until short waits at the place
    /// have shown that it pays (<see cref="SleptAsynchronously"/>). So a program that begins to wait at many places at once does not spin at
    /// each.</summary>
    public static SpinHistory OfAsynchronousWaits => new(forgiven: 0, leastSkipped: 0) { _toSkip = MostSkipped };

    /// <summary>Returns whether this wait does a long spin. If so, call <see cref="Settle"/> or <see cref="Withdraw"/> next.</summary>
    public bool TryBegin()
    {
        int toSkip = Volatile.Read(ref _toSkip);
        if (toSkip <= 0) return true;
        Volatile.Write(ref _toSkip, toSkip - 1);
        return false;
    }

    /// <summary>Records the outcome of a long spin.</summary>
    /// <param name="succeeded">Whether the wait completed during the spin.</param>
    public void Settle(bool succeeded)
    {
        if (succeeded)
        {
            Volatile.Write(ref _failures, 0);
            return;
        }

        int failures = Math.Min(Volatile.Read(ref _failures) + 1, _forgiven + MostDoublings);
        Volatile.Write(ref _failures, failures);
        Volatile.Write(ref _toSkip, SkippedAfter(failures));
    }

    /// <summary>Records that the wait did not spin although <see cref="TryBegin"/> allowed it: neither a failure nor a success. The waits that skip
    /// the spin start over, as after a try.</summary>
    public void Withdraw() => Volatile.Write(ref _toSkip, SkippedAfter(Volatile.Read(ref _failures)));

    /// <summary>Records a sleep that found what it waited for. If a long spin would have sufficed, the next wait does not skip it.</summary>
    /// <param name="wait">The length of the wait, from its first check.</param>
    public void Slept(TimeSpan wait)
    {
        if (wait < SpinPolicy.WatchedSpin) Volatile.Write(ref _toSkip, 0);
    }

    /// <summary>Records an asynchronous wait that found what it waited for. Waking its thread and then the thread pool takes a part of it that a spin
    /// saves, so a long spin may have sufficed if half of the wait is shorter. That is only likely: half of the waits to skip remain, so that
    /// a place where long spins fail all the same pays for one of nine.</summary>
    /// <param name="wait">The length of the wait, from its first check.</param>
    public void SleptAsynchronously(TimeSpan wait)
    {
        if (wait < 2 * SpinPolicy.WatchedSpin) Volatile.Write(ref _toSkip, Volatile.Read(ref _toSkip) / 2);
    }

    private readonly int SkippedAfter(int failures) => failures <= _forgiven ? 0 : Math.Max((1 << (failures - _forgiven)) - 1, _leastSkipped);
}
