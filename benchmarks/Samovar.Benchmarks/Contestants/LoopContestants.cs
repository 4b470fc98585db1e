using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;

namespace Samovar.Benchmarks.Contestants;

/// <summary>The event loop, and the framework's thread pool for the same work.</summary>
internal static class LoopContestants
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    public static IEnumerable<KeyValuePair<string, Contestant>> All =>
    [
        new("P12 Samovar", static request => OnLoopAsync(() => CallbacksAsync(request.Of(10_000_000, 1000) / 1000 * 1000))),
        new("P12 .NET Channel of actions", ChannelOfActionsAsync),
        new("P13 Samovar", static request => OnLoopAsync(() => SwitchesAsync(request.Of(5_000_000)))),
        new("P13 .NET thread pool, Task.Yield", static request => OnPoolAsync(() => SwitchesAsync(request.Of(5_000_000)))),
        new("P14 Samovar", static request => OnLoopAsync(() => SpawnsAsync(request.Of(100_000)))),
        new("P14 .NET Task.Run, Task.WhenAll", static request => OnPoolAsync(() => TaskRunsAsync(request.Of(100_000)))),
        new("P15 Samovar", static request => OnLoopAsync(() => SleepersAsync(request.Of(1_000_000), SleeperAsync, null))),
        new("P15 .NET Task.Delay", static request => OnPoolAsync(() => SleepersAsync(request.Of(1_000_000), DelayerAsync, null))),
        new("P15.memory Samovar", static request => OnLoopAsync(async () =>
        {
            await SleepersAsync(request.Of(1_000_000), SleeperAsync, request, isExact: true);
            return request.Bytes!.Value / request.Of(1_000_000);
        })),
        new("P15.memory .NET Task.Delay", static request => OnPoolAsync(async () =>
        {
            await SleepersAsync(request.Of(1_000_000), DelayerAsync, request, isExact: true);
            return request.Bytes!.Value / request.Of(1_000_000);
        })),
        new("P16 Samovar", PostsAsync), new("P16 .NET thread, BlockingCollection", QueuedActionsAsync),
        new("curve sleepers Samovar", static request => OnLoopAsync(() => SleepersAsync((int)request.X, SleeperAsync, request))),
        new("curve sleepers .NET Task.Delay", static request => OnPoolAsync(() => SleepersAsync((int)request.X, DelayerAsync, request))),
    ];

    private static async IAsyncEnumerable<double> OnLoopAsync(Func<Task<double>> figure)
    {
        await Task.CompletedTask;
        while (true) yield return EventLoop.Run(figure);
    }

    private static async IAsyncEnumerable<double> OnPoolAsync(Func<Task<double>> figure)
    {
        while (true) yield return await Task.Run(figure);
    }

    private static async Task<double> CallbacksAsync(int callbacks)
    {
        var loop = EventLoop.Current!;
        var done = new TaskCompletionSource();
        int left = callbacks;
        Action callback = () =>
        {
            if (--left == 0) done.SetResult();
        };
        return await Timing.RateAsync(callbacks, async () =>
        {
            for (int posted = 0; posted < callbacks; posted += 1000)
            {
                for (int i = 0; i < 1000; i++) loop.Post(callback);
                await Task.Yield();
            }

            await done.Task;
        });
    }

    private static async IAsyncEnumerable<double> ChannelOfActionsAsync(Request request)
    {
        while (true)
        {
            int callbacks = request.Of(2_000_000);
            var actions = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
            int left = callbacks;
            Action callback = () =>
            {
                if (--left == 0) actions.Writer.Complete();
            };
            yield return await Timing.RateAsync(callbacks, async () =>
            {
                for (int i = 0; i < callbacks; i++) actions.Writer.TryWrite(callback);
                await foreach (Action action in actions.Reader.ReadAllAsync()) action();
            });
        }
    }

    private static async Task<double> SwitchesAsync(int switches) => await Timing.RateAsync(switches, async () =>
    {
        for (int i = 0; i < switches; i++) await Task.Yield();
    });

    private static async Task<double> SpawnsAsync(int tasks) => await Timing.RateAsync(tasks, () => TaskGroup.RunAsync(group =>
    {
        for (int i = 0; i < tasks; i++) group.Run(static () => Task.CompletedTask);
        return Task.CompletedTask;
    }));

    private static async Task<double> TaskRunsAsync(int tasks) => await Timing.RateAsync(tasks, async () =>
    {
        var all = new Task[tasks];
        for (int i = 0; i < tasks; i++) all[i] = Task.Run(static () => Task.CompletedTask);
        await Task.WhenAll(all);
    });

    /// <summary>Returns the seconds for many one-second sleepers, each an asynchronous method. With a <paramref name="request"/>, measures their
    /// memory too: either exactly, which adds a collection to the time, or including garbage.</summary>
    private static async Task<double> SleepersAsync(int sleepers, Func<Countdown, Task> sleeper, Request? request, bool isExact = false)
    {
        long before = request is null ? 0 : GC.GetTotalMemory(forceFullCollection: true);
        long began = Stopwatch.GetTimestamp();
        var all = new Countdown(sleepers);
        for (int i = 0; i < sleepers; i++) _ = sleeper(all);
        if (request is not null) request.Bytes = Math.Max(1, GC.GetTotalMemory(forceFullCollection: isExact) - before);
        await all.Done;
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static async Task SleeperAsync(Countdown all)
    {
        await EventLoop.SleepAsync(s_second);
        all.Signal();
    }

    private static async Task DelayerAsync(Countdown all)
    {
        await Task.Delay(s_second);
        all.Signal();
    }

    private static async IAsyncEnumerable<double> PostsAsync(Request request)
    {
        var loop = new EventLoop();
        long seen = 0;
        long number = 0;
        try
        {
            while (true)
            {
                yield return Timing.MedianTime(request.Of(50_000), () =>
                {
                    long mine = ++number;
                    loop.Post(() => Volatile.Write(ref seen, mine));
                    while (Volatile.Read(ref seen) != mine)
                    {
                    }
                });
            }
        }
        finally
        {
            await loop.ShutdownAsync();
        }
    }

    private static async IAsyncEnumerable<double> QueuedActionsAsync(Request request)
    {
        await Task.CompletedTask;
        using var actions = new BlockingCollection<Action>();
        var thread = new Thread(() =>
        {
            foreach (Action action in actions.GetConsumingEnumerable()) action();
        });
        thread.Start();
        long seen = 0;
        long number = 0;
        try
        {
            while (true)
            {
                yield return Timing.MedianTime(request.Of(50_000), () =>
                {
                    long mine = ++number;
                    actions.Add(() => Volatile.Write(ref seen, mine));
                    while (Volatile.Read(ref seen) != mine)
                    {
                    }
                });
            }
        }
        finally
        {
            actions.CompleteAdding();
            thread.Join();
        }
    }

    /// <summary>Waits for many tasks without a list of them, whose memory would be counted.</summary>
    private sealed class Countdown(int count)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = count;

        public Task Done => _done.Task;

        public void Signal()
        {
            if (Interlocked.Decrement(ref _left) == 0) _done.SetResult();
        }
    }
}
