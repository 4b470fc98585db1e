using System.Diagnostics;

namespace Samovar.Cli.Doctor;

/// <summary>Measures how long two threads take to wake each other in turn: the cost of each message to a sleeping worker.</summary>
internal static class WakeUp
{
    private const int Rounds = 400;
    private const int Discarded = 100; // these rounds include compiling the loop and waking the cores

    /// <summary>Returns the median of a round trip in microseconds; null if a wait timed out.</summary>
    /// <param name="signal">Announces step <c>value</c> on side 0 or 1, and wakes the thread that waits there.</param>
    /// <param name="await">Waits for step <c>value</c> on side 0 or 1; returns false on a timeout.</param>
    public static double? Measure(Action<int, int> signal, Func<int, int, bool> @await)
    {
        var answering = new Thread(() =>
        {
            for (int round = 1; round <= Rounds && @await(0, round); round++) signal(1, round);
        })
        { IsBackground = true, Name = "samovar doctor wake-up" };
        answering.Start();

        var taken = new long[Rounds];
        bool complete = true;
        for (int round = 1; round <= Rounds && complete; round++)
        {
            long start = Stopwatch.GetTimestamp();
            signal(0, round);
            complete = @await(1, round);
            taken[round - 1] = Stopwatch.GetTimestamp() - start;
        }

        answering.Join();
        if (!complete) return null;

        long[] counted = taken[Discarded..];
        Array.Sort(counted);
        return Math.Round(counted[counted.Length / 2] * 1e6 / Stopwatch.Frequency, 1);
    }
}
