using System.Diagnostics;
using System.Globalization;
using Samovar.Loops;

namespace Samovar.Benchmarks.Loops;

/// <summary>What the event loop costs. One figure a line; <c>loops</c> runs all, <c>loops P12 P15</c> those, <c>loops peers</c>, with or without some,
/// puts asyncio and Node beside them, on the same work.</summary>
internal static class LoopMeasures
{
    private static readonly (string Name, Action Run)[] s_all =
    [
        ("P12", Callbacks), ("P13", Switches), ("P14", Spawns), ("P15", Sleepers), ("P16", Posts), ("timers", Timers), ("hour", VirtualHour),
    ];

    public static async Task RunAsync(string[] names)
    {
        bool hasPeers = names.Contains("peers", StringComparer.OrdinalIgnoreCase);
        string[] wanted = [.. names.Where(static name => !name.Equals("peers", StringComparison.OrdinalIgnoreCase))];
        foreach (var (name, run) in s_all)
        {
            if (wanted.Length > 0 && !wanted.Contains(name, StringComparer.OrdinalIgnoreCase)) continue;
            run();
            if (hasPeers) await LoopPeers.RunAsync(name, Say);
        }
    }

    private static void Callbacks()
    {
        const int callbacks = 10_000_000;
        foreach (bool watched in (bool[])[true, false])
        {
            var rates = new List<double>();
            EventLoop.Run(
                async () =>
                {
                    var loop = EventLoop.Current!;
                    for (int round = 0; round < 5; round++)
                    {
                        var done = new TaskCompletionSource();
                        int left = callbacks;
                        Action callback = () =>
                        {
                            if (--left == 0) done.SetResult();
                        };
                        long began = Stopwatch.GetTimestamp();
                        for (int posted = 0; posted < callbacks; posted += 1000)
                        {
                            for (int i = 0; i < 1000; i++) loop.Post(callback);
                            await Task.Yield();
                        }

                        await done.Task;
                        rates.Add(callbacks / Stopwatch.GetElapsedTime(began).TotalSeconds);
                    }
                },
                Options(watched));
            Say($"P12 callbacks posted and run, by the thousand, {Watched(watched)}", Median(rates), "/s");
        }
    }

    private static void Switches()
    {
        const int switches = 5_000_000;
        foreach (bool watched in (bool[])[true, false])
        {
            foreach (int tasks in (int[])[1, 100])
            {
                var rates = new List<double>();
                EventLoop.Run(
                    async () =>
                    {
                        for (int round = 0; round < 5; round++)
                        {
                            long began = Stopwatch.GetTimestamp();
                            await Task.WhenAll(Enumerable.Range(0, tasks).Select(_ => YieldAsync(switches / tasks)));
                            rates.Add(switches / Stopwatch.GetElapsedTime(began).TotalSeconds);
                        }
                    },
                    Options(watched));
                Say($"P13 switches by await, {tasks} task(s), {Watched(watched)}", Median(rates), "/s");
            }
        }

        static async Task YieldAsync(int times)
        {
            for (int i = 0; i < times; i++) await Task.Yield();
        }
    }

    private static void Spawns()
    {
        const int tasks = 100_000;
        foreach (bool yields in (bool[])[false, true])
        {
            var rates = new List<double>();
            EventLoop.Run(
                async () =>
                {
                    for (int round = 0; round < 15; round++)
                    {
                        long began = Stopwatch.GetTimestamp();
                        await TaskGroup.RunAsync(group =>
                        {
                            for (int i = 0; i < tasks; i++) group.Run(yields ? YieldOnceAsync : NothingAsync);
                            return Task.CompletedTask;
                        });
                        rates.Add(tasks / Stopwatch.GetElapsedTime(began).TotalSeconds);
                    }
                },
                Options(watched: true));
            Say($"P14 tasks started and joined in a group of {tasks:N0}{(yields ? ", one await each" : "")}", Median(rates), "/s");
        }

        static Task NothingAsync() => Task.CompletedTask;

        static async Task YieldOnceAsync() => await Task.Yield();
    }

    private static void Sleepers()
    {
        const int sleepers = 1_000_000;
        var second = TimeSpan.FromSeconds(1);
        for (int round = 0; round < 3; round++)
        {
            double bytes = 0, seconds = 0;
            EventLoop.Run(
                async () =>
                {
                    long before = GC.GetTotalMemory(forceFullCollection: true);
                    long began = Stopwatch.GetTimestamp();
                    var all = new CountdownSource(sleepers);
                    for (int i = 0; i < sleepers; i++) all.Add(SleepAsync(second, all));
                    if (round == 0) bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)sleepers;
                    await all.Task;
                    seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
                },
                Options(watched: true));
            Say("P15 a million sleepers of a second, each an asynchronous method", seconds, "s");
            if (round == 0) Say("P15 memory of each, the method's own included (this round's time has a collection in it)", bytes, "B");
        }

        static async Task SleepAsync(TimeSpan time, CountdownSource all)
        {
            await EventLoop.SleepAsync(time);
            all.Signal();
        }
    }

    private static void Posts()
    {
        const int posts = 100_000;
        var times = new double[posts];
        var loop = new EventLoop();
        long seen = 0;
        for (int i = 0; i < posts; i++)
        {
            int number = i + 1;
            long began = Stopwatch.GetTimestamp();
            loop.Post(() => Volatile.Write(ref seen, number));
            while (Volatile.Read(ref seen) != number)
            {
            }

            times[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }

        Array.Sort(times);
        Say("P16 posted by another thread until seen, p50", times[posts / 2], "µs");
        Say("P16 the same, p99", times[posts * 99 / 100], "µs");
        loop.ShutdownAsync().GetAwaiter().GetResult();
    }

    private static void Timers()
    {
        const int standing = 1_000_000, rounds = 2_000_000;
        var random = new Random(1);
        var loop = new EventLoop(new() { VirtualTime = true });
        loop.Submit(() =>
        {
            var core = LoopCore.Current!;
            for (int i = 0; i < standing; i++) core.Arm(new Silent(), TimeSpan.FromTicks(random.NextInt64(TimeSpan.TicksPerDay)));
            var delays = new TimeSpan[1024];
            for (int i = 0; i < delays.Length; i++) delays[i] = TimeSpan.FromTicks(random.NextInt64(TimeSpan.TicksPerDay));
            for (int repeat = 0; repeat < 3; repeat++)
            {
                long began = Stopwatch.GetTimestamp();
                for (int i = 0; i < rounds; i++)
                {
                    var node = new Silent();
                    core.Arm(node, delays[i & 1023]);
                    core.Disarm(node);
                }

                Say("arming a timer at random and cancelling it, beside a million", Stopwatch.GetElapsedTime(began).TotalNanoseconds / rounds, "ns");
            }
        }).Wait();
        GC.SuppressFinalize(loop);
    }

    private static void VirtualHour()
    {
        long began = Stopwatch.GetTimestamp();
        EventLoop.Run(
            () => TaskGroup.RunAsync(group =>
            {
                for (int i = 0; i < 1000; i++)
                {
                    group.Run(static async () =>
                    {
                        for (int second = 0; second < 3600; second++) await EventLoop.SleepAsync(TimeSpan.FromSeconds(1));
                    });
                }

                return Task.CompletedTask;
            }),
            new() { VirtualTime = true });
        Say("an hour of virtual sleeps of a second, by 1,000 tasks of a group", Stopwatch.GetElapsedTime(began).TotalSeconds, "s");
    }

    private static EventLoopOptions Options(bool watched) =>
        new() { SlowCallbackThreshold = watched ? TimeSpan.FromMilliseconds(100) : Timeout.InfiniteTimeSpan };

    private static string Watched(bool watched) => watched ? "slow ones watched for" : "none watched for";

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

    private static void Say(string what, double value, string unit) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {value:#,0.##} {unit}"));

    private sealed class Silent : TimerNode
    {
        public override void Due(LoopCore loop)
        {
        }
    }

    /// <summary>Waits for many without a list of them, whose memory would be counted.</summary>
    private sealed class CountdownSource(int count)
    {
        private readonly TaskCompletionSource _done = new();
        private int _left = count;

        public Task Task => _done.Task;

        public void Add(Task _)
        {
        }

        public void Signal()
        {
            if (--_left == 0) _done.SetResult();
        }
    }
}
