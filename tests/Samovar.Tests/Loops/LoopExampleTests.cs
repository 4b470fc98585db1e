namespace Samovar.Tests.Loops;

/// <summary>The examples in the documentation of event loops, groups and scopes, see <c>DocumentationExampleTests</c>.</summary>
public sealed class LoopExampleTests
{
    [ThreadFact]
    public void Run_runs_a_program_in_virtual_time()
    {
        string drink = EventLoop.Run(
            async () =>
            {
                await EventLoop.SleepAsync(TimeSpan.FromMinutes(5)); // returns at once, because time is virtual
                return "tea";
            },
            new() { VirtualTime = true });

        drink.ShouldBe("tea");
    }

    [ThreadFact]
    public Task SleepAsync_sleeps_by_the_clock_of_the_loop() => LoopUnderTest.RunAsync(async () =>
    {
        TimeProvider clock = EventLoop.Current!.Time;
        long began = clock.GetTimestamp();
        await EventLoop.SleepAsync(TimeSpan.FromSeconds(2));
        Console.WriteLine(clock.GetElapsedTime(began)); // 00:00:02, exactly, if time is virtual

        clock.GetElapsedTime(began).ShouldBe(TimeSpan.FromSeconds(2));
    });

    [ThreadFact]
    public Task RunOnAsync_resumes_on_the_loop() => LoopUnderTest.RunAsync(async () =>
    {
        await using var threads = new ThreadExecutor();
        int sum = await EventLoop.RunOnAsync(threads, () => Enumerable.Range(1, 100).Sum()); // does not block the loop

        sum.ShouldBe(5050);
        EventLoop.Current.ShouldNotBeNull();
    });

    [ThreadFact]
    public void Explore_finds_an_order_that_fails()
    {
        Should.Throw<InvalidOperationException>(FindAndReplay).Message.ShouldBe("'te' is shown");

        static void FindAndReplay()
        {
            try
            {
                EventLoop.Explore(LastSearchIsShownAsync, schedules: 200);
            }
            catch (ScheduleFailedException found)
            {
                EventLoop.Replay(LastSearchIsShownAsync, found.Schedule!); // fails again in the same order, in a debugger too
            }
        }
    }

    [ThreadFact]
    public Task RunAsync_returns_when_all_tasks_have_completed() => LoopUnderTest.RunAsync(async () =>
    {
        int total = await TaskGroup.RunAsync(async group =>
        {
            GroupTask<int> first = group.Run(() => LoadAsync(40)); // the tasks run concurrently
            GroupTask<int> second = group.Run(() => LoadAsync(2));
            return await first + await second;
        });

        total.ShouldBe(42);
        LoopUnderTest.Now.ShouldBe(1);
    });

    [ThreadFact]
    public Task Run_of_a_group_cancels_the_others_after_a_failure() => LoopUnderTest.RunAsync(async () =>
    {
        string message = "";
        try
        {
            await TaskGroup.RunAsync(group =>
            {
                group.Run(async () => await EventLoop.SleepAsync(TimeSpan.FromHours(1)));
                group.Run(async () => await Task.FromException(new IOException("no water")));
            });
        }
        catch (IOException error)
        {
            message = error.Message; // no water; the first task was cancelled
        }

        message.ShouldBe("no water");
        LoopUnderTest.Now.ShouldBe(0);
    });

    [ThreadFact]
    public Task StartAsync_waits_until_a_task_is_ready() => LoopUnderTest.RunAsync(() => TaskGroup.RunAsync(async group =>
    {
        int port = await group.StartAsync<int>(async signal =>
        {
            signal.Ready(8080); // StartAsync returns this value, and the task continues
            await EventLoop.SleepAsync(TimeSpan.FromHours(1));
        });
        Console.WriteLine($"ready on port {port}");

        port.ShouldBe(8080);
        LoopUnderTest.Now.ShouldBe(0);
        group.Cancel();
    }));

    [ThreadFact]
    public Task MoveOnAfterAsync_returns_whether_the_work_completed() => LoopUnderTest.RunAsync(async () =>
    {
        bool isComplete = await CancelScope.MoveOnAfterAsync(
            TimeSpan.FromSeconds(1), async _ => await EventLoop.SleepAsync(TimeSpan.FromHours(1)));
        Console.WriteLine(isComplete ? "complete" : "cancelled after a second");

        isComplete.ShouldBeFalse();
        LoopUnderTest.Now.ShouldBe(1);
    });

    [ThreadFact]
    public Task FailAfterAsync_throws_after_the_deadline() => LoopUnderTest.RunAsync(async () =>
    {
        string answer;
        try
        {
            answer = await CancelScope.FailAfterAsync(TimeSpan.FromMilliseconds(500), _ => AskAsync());
        }
        catch (TimeoutException)
        {
            answer = "no answer in time";
        }

        answer.ShouldBe("no answer in time");
        LoopUnderTest.Now.ShouldBe(0.5);
    });

    [ThreadFact]
    public Task AsyncLock_is_held_over_an_await() => LoopUnderTest.RunAsync(async () =>
    {
        var oven = new AsyncLock("oven");
        int baked = 0;
        await TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 3; i++) group.Run(BakeAsync);
        });
        baked.ShouldBe(3);
        LoopUnderTest.Now.ShouldBe(3 * 40 * 60);

        async Task BakeAsync()
        {
            using (await oven.EnterAsync())
            {
                int before = baked;
                await EventLoop.SleepAsync(TimeSpan.FromMinutes(40)); // no other task enters meanwhile
                baked = before + 1;
            }
        }
    });

    [ThreadFact]
    public Task AsyncQueue_passes_items_to_its_consumers() => LoopUnderTest.RunAsync(async () =>
    {
        var orders = new AsyncQueue<string>(capacity: 10);
        List<string> served = [];
        await TaskGroup.RunAsync(async group =>
        {
            group.Run(async () =>
            {
                await foreach (string order in orders.TakeAllAsync()) served.Add(order);
            });
            foreach (string order in (string[])["tea", "cake"]) await orders.PutAsync(order); // waits while the queue is full
            orders.Complete();
        });

        served.ShouldBe(["tea", "cake"]);
    });

    [ThreadFact]
    public Task AsyncSemaphore_limits_concurrency() => LoopUnderTest.RunAsync(async () =>
    {
        var stove = new AsyncSemaphore(initialCount: 2);
        await TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 4; i++) group.Run(CookAsync);
        });

        async Task CookAsync()
        {
            using (await stove.EnterAsync()) await EventLoop.SleepAsync(TimeSpan.FromMinutes(10)); // two at a time
        }

        LoopUnderTest.Now.ShouldBe(2 * 10 * 60);
    });

    // In some orders the answer to the first search arrives after that to the second.
    private static async Task LastSearchIsShownAsync()
    {
        string shown = "";
        await TaskGroup.RunAsync(group =>
        {
            group.Run(() => SearchAsync("te"));
            group.Run(() => SearchAsync("tea"));
        });
        if (shown != "tea") throw new InvalidOperationException($"'{shown}' is shown");

        async Task SearchAsync(string text)
        {
            await EventLoop.CheckpointAsync();
            shown = text;
        }
    }

    private static async Task<int> LoadAsync(int number)
    {
        await EventLoop.SleepAsync(TimeSpan.FromSeconds(1));
        return number;
    }

    private static async Task<string> AskAsync()
    {
        await EventLoop.SleepAsync(TimeSpan.FromHours(1));
        return "yes";
    }
}
