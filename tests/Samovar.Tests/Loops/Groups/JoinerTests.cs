using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops.Groups;

public sealed class JoinerTests
{
    [ThreadFact]
    public async Task All_succeed_gives_the_results_in_the_order_of_start() => await RunAsync(static async () =>
    {
        (await TaskGroup.RunAsync(static group =>
        {
            foreach (int i in (int[])[3, 1, 2]) group.Run(() => AfterAsync(i));
        }, Joiner.AllSucceed<int>())).ShouldBe([3, 1, 2]);
        (await TaskGroup.RunAsync(static (TaskGroup<int> _) => { }, Joiner.AllSucceed<int>())).ShouldBeEmpty();
    });

    [ThreadFact]
    public async Task All_succeed_completes_with_the_first_failure() => await RunAsync(static async () =>
    {
        (await CaughtAsync(TaskGroup.RunAsync(static group =>
        {
            group.Run(static () => AfterAsync(100));
            group.Run(static () => FailAfterAsync(1));
        }, Joiner.AllSucceed<int>())))!.Message.ShouldBe("1");
        Now.ShouldBe(1);
    });

    [ThreadFact]
    public async Task The_first_success_cancels_the_rest() => await RunAsync(static async () =>
    {
        GroupTask<int>? slow = null;
        (await TaskGroup.RunAsync(
            group =>
            {
                slow = group.Run(static () => AfterAsync(100));
                group.Run(static () => FailAfterAsync(1));
                group.Run(static () => AfterAsync(2));
            },
            Joiner.FirstSuccess<int>())).ShouldBe(2);
        Now.ShouldBe(2);
        slow!.State.ShouldBe(GroupTaskState.Canceled);
        var error = await CaughtAsync(TaskGroup.RunAsync(static group =>
        {
            group.Run(static () => FailAfterAsync(2));
            group.Run(static () => FailAfterAsync(1));
        }, Joiner.FirstSuccess<int>()));
        error.ShouldBeOfType<AggregateException>().InnerExceptions.Select(static inner => inner.Message).ShouldBe(["1", "2"]);
    });

    [ThreadFact]
    public async Task Gathering_all_gives_each_its_outcome() => await RunAsync(static async () =>
    {
        var outcomes = await TaskGroup.RunAsync(static group =>
        {
            group.Run(static () => AfterAsync(3));
            group.Run(static () => FailAfterAsync(1));
            group.Run(static () => AfterAsync(2));
        }, Joiner.GatherAll<int>());
        outcomes.Select(static outcome => outcome.IsSuccess ? outcome.Value : -1).ShouldBe([3, -1, 2]);
        outcomes.Select(static outcome => outcome.Index).ShouldBe([0, 1, 2]);
        Now.ShouldBe(3);
    });

    [ThreadFact]
    public async Task A_quorum_ends_when_it_is_reached_or_says_what_it_lacks() => await RunAsync(static async () =>
    {
        (await TaskGroup.RunAsync(static group =>
        {
            foreach (int i in (int[])[3, 100, 2, 1, 50]) group.Run(() => AfterAsync(i));
        }, Joiner.Quorum<int>(2))).ShouldBe([2, 1]);
        Now.ShouldBe(2);
        (await CaughtAsync(TaskGroup.RunAsync(static group =>
        {
            group.Run(static () => AfterAsync(1));
            group.Run(static () => FailAfterAsync(1));
        }, Joiner.Quorum<int>(2))))!.Message.ShouldStartWith("1 of 2");
        Should.Throw<ArgumentOutOfRangeException>(static () => Joiner.Quorum<int>(0)).ParamName.ShouldBe("count");
    });

    [ThreadFact]
    public async Task A_joiner_that_throws_fails_the_group_and_leaves_nothing_running() => await RunAsync(static async () =>
    {
        GroupTask<int>? slow = null;
        (await CaughtAsync(TaskGroup.RunAsync(
            group =>
            {
                slow = group.Run(static () => AfterAsync(100));
                group.Run(static () => AfterAsync(1));
            },
            new Throwing())))!.Message.ShouldBe("the joiner's");
        slow!.State.ShouldBe(GroupTaskState.Canceled);
        Now.ShouldBe(1);
    });

    [ThreadFact]
    public async Task An_error_of_the_body_comes_out_whatever_the_joiner_says() => await RunAsync(static async () =>
    {
        (await CaughtAsync(TaskGroup.RunAsync(
            static async (TaskGroup<int> group) =>
            {
                _ = group.Run(static () => AfterAsync(100));
                await SleepAsync(1);
                throw new FormatException("body");
            },
            Joiner.GatherAll<int>())))!.Message.ShouldBe("body");
        Now.ShouldBe(1);
    });

    [ThreadFact]
    public async Task Cancellation_from_outside_comes_out_whatever_the_joiner_says() => await RunAsync(static async () =>
    {
        (await CancelScope.MoveOnAfterAsync(Second, static async _ =>
            await TaskGroup.RunAsync(static group => { group.Run(static () => AfterAsync(100)); }, Joiner.GatherAll<int>()))).ShouldBeFalse();
        Now.ShouldBe(1);
    });

    private static async Task<int> AfterAsync(int seconds)
    {
        await SleepAsync(seconds);
        return seconds;
    }

    private static async Task<int> FailAfterAsync(int seconds)
    {
        await SleepAsync(seconds);
        throw new FormatException($"{seconds}");
    }

    private sealed class Throwing : Joiner<int, int>
    {
        public override bool IsDecided(JoinProgress progress) => throw new FormatException("the joiner's");

        public override int Decide(IReadOnlyList<Outcome<int>> outcomes) => outcomes.Count;
    }
}
