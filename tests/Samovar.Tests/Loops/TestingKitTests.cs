using Samovar.Testing;
using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops;

public sealed class TestingKitTests
{
    [ThreadFact]
    public async Task All_others_are_blocked_before_time_jumps() => await RunAsync(static async () =>
    {
        int steps = 0;
        var work = StepAsync();
        await LoopTesting.WaitAllBlockedAsync();
        steps.ShouldBe(5);
        Now.ShouldBe(0);
        await work;
        steps.ShouldBe(6);

        async Task StepAsync()
        {
            for (int i = 0; i < 5; i++)
            {
                await Task.Yield();
                steps++;
            }

            await SleepAsync(1);
            steps++;
        }
    });

    [ThreadFact]
    public async Task Several_may_wait_for_all_others_to_be_blocked_and_what_runs_elsewhere_counts() => await RunAsync(static async () =>
    {
        bool isDone = false;
        var elsewhere = Task.Run(() => Volatile.Write(ref isDone, true));
        await Task.WhenAll(LoopTesting.WaitAllBlockedAsync(), LoopTesting.WaitAllBlockedAsync());
        isDone.ShouldBeTrue();
        await elsewhere;
    });

    [ThreadFact]
    public void Waiting_for_others_off_the_loop_is_refused() =>
        Should.Throw<InvalidOperationException>(static () => { _ = LoopTesting.WaitAllBlockedAsync(); }).Message.ShouldContain("EventLoop.Run");

    [ThreadFact]
    public void A_sequencer_runs_parts_in_one_order_whatever_the_schedule() => EventLoop.Explore(
        static async () =>
        {
            var sequencer = new Sequencer();
            string order = "";
            await TaskGroup.RunAsync(group =>
            {
                group.Run(async () =>
                {
                    await sequencer.RunAsync(2, () => order += 2);
                    await sequencer.RunAsync(4, () => order += 4);
                });
                group.Run(async () =>
                {
                    await sequencer.RunAsync(0, () => order += 0);
                    await sequencer.RunAsync(1, async () =>
                    {
                        await Task.Yield();
                        order += 1;
                    });
                    await sequencer.RunAsync(3, () => order += 3);
                });
            });
            order.ShouldBe("01234");
            sequencer.Next.ShouldBe(5);
        },
        100);

    [ThreadFact]
    public async Task A_part_that_fails_breaks_the_sequence_for_those_behind_it() => await RunAsync(static async () =>
    {
        var sequencer = new Sequencer();
        var behind = sequencer.RunAsync(1, static () => { });
        (await CaughtAsync(sequencer.RunAsync(0, static () => throw new FormatException("broken")))).ShouldBeOfType<FormatException>();
        (await CaughtAsync(behind))!.Message.ShouldContain("broken");
        (await CaughtAsync(sequencer.RunAsync(2, static () => { })))!.Message.ShouldContain("broken");
    });

    [ThreadFact]
    public async Task A_place_is_used_once_and_not_negative() => await RunAsync(static async () =>
    {
        var sequencer = new Sequencer();
        await sequencer.RunAsync(0, static () => { });
        (await CaughtAsync(sequencer.RunAsync(0, static () => { }))).ShouldBeOfType<InvalidOperationException>();
        (await CaughtAsync(sequencer.RunAsync(-1, static () => { }))).ShouldBeOfType<ArgumentOutOfRangeException>();
        (await CaughtAsync(CancelScope.MoveOnAfterAsync(Second, _ => sequencer.RunAsync(5, static () => { })))).ShouldBeNull();
        (await CaughtAsync(RunAsync(() => new Sequencer().RunAsync(3, static () => { }))))!.Message.ShouldContain("turn 3 of a sequencer, which is at 0");
    });

    [ThreadFact]
    public async Task Checkpoints_are_required_and_refused() => await RunAsync(static async () =>
    {
        await LoopTesting.RequireCheckpointAsync(static () => SleepAsync(1));
        await LoopTesting.RefuseCheckpointAsync(static () => Task.CompletedTask);
        (await CaughtAsync(LoopTesting.RequireCheckpointAsync(static () => Task.CompletedTask))).ShouldBeOfType<CheckpointException>();
        (await CaughtAsync(LoopTesting.RefuseCheckpointAsync(static () => SleepAsync(1)))).ShouldBeOfType<CheckpointException>();
        (await CaughtAsync(LoopTesting.RequireCheckpointAsync(static () => throw new FormatException()))).ShouldBeOfType<FormatException>();
    });

    [ThreadFact]
    public async Task A_checkpoint_lets_others_run_and_sees_cancellation() => await RunAsync(static async () =>
    {
        bool ran = false;
        EventLoop.Current!.Post(() => ran = true);
        await EventLoop.CheckpointAsync();
        ran.ShouldBeTrue();
        Now.ShouldBe(0);
        (await CancelScope.RunAsync(static async scope =>
        {
            scope.Cancel();
            await EventLoop.CheckpointAsync();
        })).ShouldBeFalse();
    });

    [ThreadFact]
    public async Task A_part_that_is_cancelled_before_its_turn_leaves_those_before_it() => await RunAsync(static async () =>
    {
        var sequencer = new Sequencer();
        var before = sequencer.RunAsync(1, static () => { });
        (await CancelScope.MoveOnAfterAsync(Second, _ => sequencer.RunAsync(2, static () => { }))).ShouldBeFalse();
        await sequencer.RunAsync(0, static () => { });
        await before;
    });

    [ThreadFact]
    public async Task A_scope_that_cancels_several_turns_of_a_sequencer_cancels_each() => await RunAsync(static async () =>
    {
        for (int i = 0; i < 200; i++)
        {
            var sequencer = new Sequencer();
            (await CancelScope.MoveOnAfterAsync(Second, _ => TaskGroup.RunAsync(group =>
            {
                for (int place = 1; place < 6; place++)
                {
                    int mine = place;
                    group.Run(() => sequencer.RunAsync(mine, static () => { }));
                }
            }))).ShouldBeFalse();
        }
    });
}
