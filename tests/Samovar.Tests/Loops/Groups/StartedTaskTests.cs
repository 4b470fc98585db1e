using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops.Groups;

/// <summary>A task that reports when it is ready behaves the same whether or not its starter is in a scope of its own.</summary>
public sealed class StartedTaskTests
{
    public enum How
    {
        WhenReady,
        BeforeReady,
        ByAScopeKeptFromBefore,
        ByADeadline,
        ByADeadlineOfAScopeKeptFromBefore,
    }

    public static TheoryData<How, bool> Ends()
    {
        var data = new TheoryData<How, bool>();
        foreach (var how in Enum.GetValues<How>())
        {
            data.Add(how, true);
            data.Add(how, false);
        }

        return data;
    }

    [ThreadTheory]
    [MemberData(nameof(Ends))]
    public async Task A_task_that_cancels_its_scope_ends_the_group(How how, bool hasDeadline) => await RunAsync(async () =>
    {
        GroupTaskState? server = null, other = null;
        await TaskGroup.RunAsync(async group =>
        {
            var beside = group.Run(static () => SleepAsync(10));
            var start = hasDeadline ? CancelScope.FailAfterAsync(5 * Second, _ => Start()) : Start();
            if (how == How.BeforeReady) (await CaughtAsync(start)).ShouldBeAssignableTo<OperationCanceledException>();
            else await start;
            group.IsCanceled.ShouldBe(how == How.BeforeReady);
            await CaughtAsync(beside.AsTask());
            (group.IsCanceled, group.Scope.HasExpired).ShouldBe((true, how is How.ByADeadline or How.ByADeadlineOfAScopeKeptFromBefore));
            other = beside.State;

            Task Start() => group.StartAsync(async signal =>
            {
                var scope = CancelScope.Current!;
                if (how == How.BeforeReady) scope.Cancel();
                else signal.Ready();
                if (how is How.WhenReady or How.ByADeadline) scope = CancelScope.Current!;
                await SleepAsync(1);
                if (how is How.ByADeadline or How.ByADeadlineOfAScopeKeptFromBefore)
                {
                    scope.CancelAfter(Second);
                    scope.TimeLeft.ShouldBe(Second);
                    try
                    {
                        await SleepAsync(5);
                    }
                    finally
                    {
                        scope.HasExpired.ShouldBeTrue();
                    }
                }

                scope.Cancel();
                server = GroupTaskState.Canceled;
                await SleepAsync(5);
                server = GroupTaskState.Succeeded;
            });
        });
        other.ShouldBe(GroupTaskState.Canceled);
        if (how is How.WhenReady or How.ByAScopeKeptFromBefore) server.ShouldBe(GroupTaskState.Canceled);
        Now.ShouldBe(how switch { How.BeforeReady => 0, How.WhenReady or How.ByAScopeKeptFromBefore => 1, _ => 2 });
    });

    [ThreadFact]
    public async Task Once_it_is_ready_a_task_is_in_the_scope_of_its_group() => await RunAsync(static async () =>
    {
        await TaskGroup.RunAsync(static group => CancelScope.FailAfterAsync(5 * Second, _ => group.StartAsync(async signal =>
        {
            CancelScope.Current.ShouldNotBeSameAs(group.Scope);
            CancelScope.Current!.TimeLeft.ShouldBeNull("the deadline is the starter's");
            signal.Ready();
            CancelScope.Current.ShouldBeSameAs(group.Scope);
            await SleepAsync(1);
            CancelScope.Current.ShouldBeSameAs(group.Scope);
            CancelScope.CurrentToken.ShouldBe(group.CancellationToken);
        })));
    });

    [ThreadFact]
    public async Task What_began_before_the_task_was_ready_is_cancelled_with_the_group() => await RunAsync(static async () =>
    {
        Exception? caught = null;
        await TaskGroup.RunAsync(async group =>
        {
            await CancelScope.FailAfterAsync(5 * Second, _ => group.StartAsync(async signal =>
            {
                var early = SleepAsync(10);
                signal.Ready();
                caught = await CaughtAsync(early);
            }));
            await SleepAsync(1);
            group.Cancel();
        });
        caught.ShouldBeAssignableTo<OperationCanceledException>();
        Now.ShouldBe(1);
    });
}
