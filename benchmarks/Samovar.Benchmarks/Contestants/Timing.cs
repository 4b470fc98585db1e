using System.Diagnostics;

namespace Samovar.Benchmarks.Contestants;

/// <summary>The two figures that most contestants return: a rate per second, and a median time.</summary>
internal static class Timing
{
    public static async ValueTask<double> RateAsync(int count, Func<Task> work)
    {
        long began = Stopwatch.GetTimestamp();
        await work();
        return count / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    public static double Rate(int count, Action work)
    {
        long began = Stopwatch.GetTimestamp();
        work();
        return count / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    /// <summary>Returns the median duration, in microseconds.</summary>
    public static double MedianTime(int times, Action once)
    {
        double[] all = new double[times];
        for (int i = 0; i < times; i++)
        {
            long began = Stopwatch.GetTimestamp();
            once();
            all[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }

        return Middle(all);
    }

    /// <summary>Returns the median duration, in microseconds, with a delay before each call.</summary>
    public static async ValueTask<double> MedianTimeAsync(int times, Func<ValueTask> once, TimeSpan rest = default)
    {
        double[] all = new double[times];
        for (int i = 0; i < times; i++)
        {
            if (rest > TimeSpan.Zero) await Task.Delay(rest);
            long began = Stopwatch.GetTimestamp();
            await once();
            all[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }

        return Middle(all);
    }

    private static double Middle(double[] all)
    {
        Array.Sort(all);
        return all[all.Length / 2];
    }
}
