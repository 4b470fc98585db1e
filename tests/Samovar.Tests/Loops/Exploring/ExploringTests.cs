namespace Samovar.Tests.Loops.Exploring;

public sealed class ExploringTests
{
    [ThreadFact]
    public void An_ordering_bug_of_four_lines_is_found_shrunk_to_one_switch_and_replayed()
    {
        EventLoop.Replay(SearchBoxTestAsync, LoopSchedule.InOrder);

        var error = Should.Throw<ScheduleFailedException>(static () => EventLoop.Explore(SearchBoxTestAsync, 200));
        error.InnerException.ShouldBeOfType<ShouldAssertException>();
        error.Found!.ToString().ShouldStartWith("seed ");
        error.Schedule!.ToString().Split(' ').ShouldHaveSingleItem();
        error.Message.ShouldContain(error.Found.ToString());
        error.Message.ShouldContain($"LoopSchedule.Parse(\"{error.Schedule}\")");
        error.Message.ShouldContain("runs before");

        for (int i = 0; i < 3; i++)
        {
            Should.Throw<ShouldAssertException>(() => EventLoop.Replay(SearchBoxTestAsync, error.Found));
            Should.Throw<ShouldAssertException>(() => EventLoop.Replay(SearchBoxTestAsync, LoopSchedule.Parse(error.Schedule.ToString())));
        }
    }

    [ThreadFact]
    public void An_exploration_goes_the_same_way_every_time() =>
        Should.Throw<ScheduleFailedException>(static () => EventLoop.Explore(SearchBoxTestAsync, 200)).Message.ShouldBe(
            Should.Throw<ScheduleFailedException>(static () => EventLoop.Explore(SearchBoxTestAsync, 200)).Message);

    [ThreadFact]
    public void The_same_seed_gives_the_same_order_and_others_give_others()
    {
        var orders = Enumerable.Range(1, 50).Select(static seed => OrderOf(LoopSchedule.Seeded(seed))).ToList();
        orders.ShouldBe(Enumerable.Range(1, 50).Select(static seed => OrderOf(LoopSchedule.Seeded(seed))));
        orders.Distinct().Count().ShouldBeGreaterThan(20);
        OrderOf(LoopSchedule.InOrder).ShouldBe("01234567");
        OrderOf(LoopSchedule.Parse("0:3 1:2")).ShouldBe("32014567");
        OrderOf(LoopSchedule.Parse("0:99")).ShouldBe("70123456", "what is not there is the last");

        static string OrderOf(LoopSchedule schedule)
        {
            string order = "";
            EventLoop.Replay(
                async () =>
                {
                    for (int i = 0; i < 8; i++)
                    {
                        int number = i;
                        EventLoop.Current!.Post(() => order += number);
                    }

                    await Task.Delay(TimeSpan.FromSeconds(1), EventLoop.Current!.Time);
                },
                schedule);
            return order;
        }
    }

    [ThreadFact]
    public void A_test_that_holds_in_every_order_is_run_in_many()
    {
        int runs = 0;
        var exploration = EventLoop.Explore(
            async () =>
            {
                runs++;
                int sum = 0;
                await TaskGroup.RunAsync(group =>
                {
                    for (int i = 0; i < 4; i++) group.Run(AddAsync);
                });
                sum.ShouldBe(4);

                async Task AddAsync()
                {
                    await Task.Yield();
                    sum++;
                }
            },
            100);
        runs.ShouldBe(100);
        exploration.Schedules.ShouldBe(100);
        exploration.DistinctOrders.ShouldBeGreaterThan(10);
        EventLoop.Explore(static () => Task.CompletedTask, 10).DistinctOrders.ShouldBe(1);
    }

    [ThreadFact]
    public void Deadlocks_and_failures_in_the_background_break_a_test_too()
    {
        Should.Throw<ScheduleFailedException>(static () => EventLoop.Explore(static () => new TaskCompletionSource().Task, 3))
            .InnerException.ShouldBeOfType<LoopDeadlockException>();
        Should.Throw<ScheduleFailedException>(static () => EventLoop.Explore(
            static async () =>
            {
                EventLoop.Current!.Post(static () => throw new FormatException("in the background"));
                await Task.Yield();
            },
            3)).InnerException.ShouldBeOfType<FormatException>();
    }

    [ThreadFact]
    public void A_failure_that_does_not_recur_is_reported_as_independent_of_the_order()
    {
        int runs = 0;
        var error = Should.Throw<ScheduleFailedException>(() => EventLoop.Explore(
            () => ++runs == 5 ? throw new FormatException("now and then") : Task.CompletedTask));
        error.Message.ShouldContain("could not be repeated");
        error.InnerException.ShouldBeOfType<FormatException>();
    }

    [ThreadFact]
    public void Bad_schedules_and_numbers_are_refused()
    {
        foreach (string text in (string[])["seed", "seed x", "3", "3:", "a:b", "99999999999:1"]) Should.Throw<FormatException>(() => LoopSchedule.Parse(text)).Message.ShouldContain(text);
        LoopSchedule.Parse("").ToString().ShouldBe("");
        LoopSchedule.Parse("seed -5").ToString().ShouldBe("seed -5");
        Should.Throw<ArgumentOutOfRangeException>(static () => EventLoop.Explore(static () => Task.CompletedTask, 0)).ParamName.ShouldBe("schedules");
        Should.Throw<ArgumentNullException>(static () => EventLoop.Explore(null!)).ParamName.ShouldBe("test");
        Should.Throw<ArgumentNullException>(static () => EventLoop.Replay(static () => Task.CompletedTask, null!)).ParamName.ShouldBe("schedule");
    }

    private static async Task SearchBoxTestAsync()
    {
        string shown = "";
        await TaskGroup.RunAsync(group =>
        {
            group.Run(() => SearchAsync("te"));
            group.Run(() => SearchAsync("tea"));
        });
        shown.ShouldBe("results for tea");

        async Task SearchAsync(string text)
        {
            string results = await AskServerAsync(text); // answers may overtake each other
            shown = results;
        }
    }

    private static async Task<string> AskServerAsync(string text)
    {
        await Task.Yield();
        return $"results for {text}";
    }

    [ThreadTheory]
    [InlineData("0:-1")]
    [InlineData("-1:1")]
    [InlineData("0:0")]
    [InlineData("0:1 0:2")]
    [InlineData("0:1:2")]
    [InlineData("seed")]
    public void A_schedule_that_cannot_be_is_refused(string text) => Should.Throw<FormatException>(() => LoopSchedule.Parse(text)).Message.ShouldContain(text);

    [ThreadFact]
    public async Task An_exploration_of_a_test_that_blocks_for_its_own_work_fails()
    {
        Exception? error = null;
        await TestSupport.OnOwnThread(() => error = Should.Throw<ScheduleFailedException>(static () => EventLoop.Explore(
            static () =>
            {
                using var never = new ManualResetEventSlim();
                never.Wait(CancellationToken.None);
                return Task.CompletedTask;
            },
            1)));
        error!.InnerException.ShouldBeOfType<LoopDeadlockException>();
    }

    [ThreadFact]
    public void A_test_that_fails_in_the_usual_order_is_reported_as_such()
    {
        var error = Should.Throw<ScheduleFailedException>(static () => EventLoop.Explore(static () => throw new FormatException("always")));
        error.Message.ShouldStartWith("The test fails in the default order: always");
        error.Message.ShouldContain("EventLoop.Replay(test, LoopSchedule.InOrder)");
    }
}
