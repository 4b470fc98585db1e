namespace Samovar.Primitives;

/// <summary>How long a waiter for another thread of this process spins before it blocks. (Waits across processes have a policy of
/// their own, which knows of the sleepers on both sides and never yields: <c>Ipc.SpinPolicy</c>.)</summary>
/// <remarks>
/// <para>Steps: a few rounds of growing pauses, then yields of the core, then no more. With one core there are none: whoever is
/// waited for needs it. With two the pauses stay under about two microseconds, because caller, worker and thread pool already
/// share them; with more a core is likely to be idle, and about twenty microseconds cost less than going to sleep and being
/// woken.</para>
/// </remarks>
internal struct ThreadSpin
{
    private static readonly int s_rounds = Environment.ProcessorCount switch { 1 => 0, 2 => 8, _ => 40 };
    private const int Yields = 2;
    private const int LongestPause = 64;

    private int _round;

    /// <summary>Pauses once. False: stop spinning and block.</summary>
    public bool TrySpin()
    {
        if (_round >= s_rounds + Yields || s_rounds == 0) return false;
        if (_round < s_rounds) Thread.SpinWait(Math.Min(1 << Math.Min(_round, 30), LongestPause));
        else Thread.Yield();
        _round++;
        return true;
    }
}
