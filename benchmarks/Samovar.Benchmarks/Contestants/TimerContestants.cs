using System.Diagnostics;

namespace Samovar.Benchmarks.Contestants;

/// <summary>Timers that are cancelled before they fire, among a million others, and an hour of virtual time.</summary>
internal static class TimerContestants
{
    private const int Standing = 1_000_000;

    public static IEnumerable<KeyValuePair<string, Contestant>> All =>
    [
        new("P15.timer Samovar", static request => OnLoopAsync(() => ArmAndCancel(request))), new("P15.timer .NET Timer", FrameworkTimersAsync),
        new("P15.hour Samovar", HoursAsync),
    ];

    // A virtual clock does not move while a callback runs, so none of the timers becomes due.
    private static async IAsyncEnumerable<double> OnLoopAsync(Func<double> figure)
    {
        await Task.CompletedTask;
        while (true) yield return EventLoop.Run(() => Task.FromResult(figure()), new() { VirtualTime = true });
    }

    private static double ArmAndCancel(Request request)
    {
        var loop = EventLoop.Current!;
        var random = new Random(1);
        Action nothing = static () => { };
        ScheduledCall[] standing = [.. Enumerable.Range(0, Standing).Select(_ => loop.CallLater(Delay(random), nothing))];
        TimeSpan[] delays = [.. Enumerable.Range(0, 1024).Select(_ => Delay(random))];
        int times = request.Of(1_000_000, 1024);
        double nanoseconds = 1e9 / Timing.Rate(times, () =>
        {
            for (int i = 0; i < times; i++) loop.CallLater(delays[i & 1023], nothing).Cancel();
        });
        foreach (ScheduledCall call in standing) call.Cancel();
        return nanoseconds;
    }

    private static async IAsyncEnumerable<double> FrameworkTimersAsync(Request request)
    {
        await Task.CompletedTask;
        var random = new Random(1);
        Timer[] standing = [.. Enumerable.Range(0, Standing).Select(_ => Armed(Delay(random)))];
        TimeSpan[] delays = [.. Enumerable.Range(0, 1024).Select(_ => Delay(random))];
        try
        {
            while (true)
            {
                int times = request.Of(1_000_000, 1024);
                yield return 1e9 / Timing.Rate(times, () =>
                {
                    for (int i = 0; i < times; i++) Armed(delays[i & 1023]).Dispose();
                });
            }
        }
        finally
        {
            foreach (Timer timer in standing) await timer.DisposeAsync();
        }

        static Timer Armed(TimeSpan delay) => new(static _ => { }, null, delay, Timeout.InfiniteTimeSpan);
    }

    // At least an hour, so that no real-time timer becomes due.
    private static TimeSpan Delay(Random random) => TimeSpan.FromTicks(random.NextInt64(TimeSpan.TicksPerHour, TimeSpan.TicksPerDay));

    // Seconds for an hour of virtual time, in one-second sleeps of 1,000 tasks of a group.
    private static async IAsyncEnumerable<double> HoursAsync(Request request)
    {
        await Task.CompletedTask;
        while (true)
        {
            int tasks = request.Of(1_000);
            long began = Stopwatch.GetTimestamp();
            EventLoop.Run(() => SleepersAsync(tasks), new() { VirtualTime = true });
            yield return Stopwatch.GetElapsedTime(began).TotalSeconds;
        }

        static Task SleepersAsync(int tasks) => TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < tasks; i++)
            {
                group.Run(static async () =>
                {
                    for (int second = 0; second < 3600; second++) await EventLoop.SleepAsync(TimeSpan.FromSeconds(1));
                });
            }

            return Task.CompletedTask;
        });
    }
}
