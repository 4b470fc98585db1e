namespace Samovar.Cluster.Node;

/// <summary>How many attempts a node claims at the same time: one for each worker, and more if they are very short. Not thread-safe: the gate of the
/// <see cref="NodeItems"/> guards it.</summary>
/// <param name="workers">The number of workers.</param>
internal sealed class ClaimAhead(int workers)
{
    /// <summary>For how long a worker has tasks that were claimed ahead.</summary>
    private static readonly TimeSpan s_ahead = TimeSpan.FromMilliseconds(10);

    private const int MostAhead = 512;

    private long _usual; // how long tasks run lately, in ticks; 0 if unknown

    public int Limit => _usual == 0 ? workers : workers * (int)Math.Clamp(s_ahead.Ticks / _usual, 1, MostAhead);

    /// <summary>Records how long an attempt ran.</summary>
    public void Learn(TimeSpan elapsed)
    {
        long ticks = Math.Max(1, elapsed.Ticks);
        _usual = _usual == 0 || ticks > 8 * _usual ? ticks : _usual + ((ticks - _usual) / 8);
    }
}
