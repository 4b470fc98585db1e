namespace Samovar.Ipc.Platform.Portable;

/// <summary>Checks words at increasing intervals, because there is no way to sleep at a word of another process on all systems.</summary>
/// <remarks>A sleeper checks after 1, 2, 4 and finally every 16 ms, and uses about a thousandth of a processor. For systems without futexes between
/// processes.</remarks>
internal sealed unsafe class PortableWaitPlatform : WaitPlatform
{
    private const int LongestPause = 16;

    private readonly object _never = new();

    public override int MostWords => 128;

    public override void WaitAny(ReadOnlySpan<WaitedWord> words, TimeSpan timeout)
    {
        int left = timeout == Timeout.InfiniteTimeSpan ? int.MaxValue : (int)Math.Clamp(Math.Ceiling(timeout.TotalMilliseconds), 1, int.MaxValue);
        for (int pause = 1; left > 0; left -= pause, pause = Math.Min(2 * pause, LongestPause))
        {
            foreach (WaitedWord word in words)
            {
                if (Volatile.Read(ref *(uint*)word.Address) != word.Expected) return;
            }

            lock (_never) Monitor.Wait(_never, Math.Min(pause, left));
        }
    }

    /// <summary>Returns true, because a thread may always be checking.</summary>
    public override bool WakeOne(uint* word) => true;

    public override void WakeAll(uint* word)
    {
    }
}
