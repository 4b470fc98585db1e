using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops.Groups;

/// <summary>What ends a group before its time: failures, cancellation from outside and of its own, in groups within groups.</summary>
public sealed class TaskGroupFailureTests
{
    [ThreadFact]
    public async Task The_first_failure_cancels_the_others_and_the_body_and_comes_out_as_itself() => await RunAsync(static async () =>
    {
        bool isBodyCanceled = false;
        GroupTask? sibling = null;
        (await Should.ThrowAsync<FormatException>(TaskGroup.RunAsync(async group =>
        {
            sibling = group.Run(static () => SleepAsync(100));
            group.Run(static async () =>
            {
                await SleepAsync(1);
                throw new FormatException("first");
            });
            try
            {
                await SleepAsync(50);
            }
            catch (OperationCanceledException)
            {
                isBodyCanceled = true;
                throw;
            }
        }))).Message.ShouldBe("first");
        Now.ShouldBe(1);
        isBodyCanceled.ShouldBeTrue();
        sibling!.State.ShouldBe(GroupTaskState.Canceled);
        sibling.Exception.ShouldBeAssignableTo<OperationCanceledException>();
    });

    [ThreadFact]
    public async Task All_errors_come_out_the_body_s_and_those_of_cancelled_tasks_too() => await RunAsync(static async () =>
    {
        var error = await Should.ThrowAsync<AggregateException>(TaskGroup.RunAsync(static async group =>
        {
            group.Run(static async () =>
            {
                try
                {
                    await SleepAsync(100);
                }
                finally
                {
                    await FailAsync("while giving up");
                }
            });
            group.Run(static async () =>
            {
                await SleepAsync(1);
                throw new FormatException("first");
            });
            try
            {
                await SleepAsync(50);
            }
            catch (OperationCanceledException)
            {
                throw new FormatException("body");
            }
        }));
        error.InnerExceptions.Select(static inner => inner.Message).ShouldBe(["first", "while giving up", "body"], ignoreOrder: true);
        error.InnerExceptions[0].Message.ShouldBe("first");

        static Task FailAsync(string message) => throw new FormatException(message);
    });

    [ThreadFact]
    public async Task An_error_of_the_body_cancels_the_tasks() => await RunAsync(static async () =>
    {
        GroupTask? task = null;
        await Should.ThrowAsync<FormatException>(TaskGroup.RunAsync(async group =>
        {
            task = group.Run(static () => SleepAsync(100));
            await SleepAsync(1);
            throw new FormatException();
        }));
        task!.State.ShouldBe(GroupTaskState.Canceled);
        Now.ShouldBe(1);
        await Should.ThrowAsync<FormatException>(TaskGroup.RunAsync(static (TaskGroup _) => throw new FormatException("at once")));
    });

    [ThreadFact]
    public async Task An_unrequested_OperationCanceledException_is_a_failure() => await RunAsync(static async () =>
    {
        GroupTask? task = null;
        try
        {
            await TaskGroup.RunAsync(group => { task = group.Run(static () => throw new OperationCanceledException("a library's own timeout")); });
            Assert.Fail("it was swallowed");
        }
        catch (OperationCanceledException error)
        {
            error.Message.ShouldBe("a library's own timeout");
        }

        task!.State.ShouldBe(GroupTaskState.Failed);
    });

    [ThreadFact]
    public async Task A_block_fails_by_an_unrequested_cancellation_and_is_canceled_by_a_requested_one() => await RunAsync(static async () =>
    {
        using var source = new CancellationTokenSource();
        foreach (bool isAskedFor in (bool[])[false, true])
        {
            if (isAskedFor) source.Cancel();
            Task[] blocks =
            [
                TaskGroup.RunAsync(static group => { group.Run(OwnTimeoutAsync); }, cancellationToken: source.Token),
                TaskGroup.RunAsync(static (TaskGroup _) => OwnTimeoutAsync(), cancellationToken: source.Token),
                TaskGroup.RunAsync<int>(static async _ =>
                {
                    await OwnTimeoutAsync();
                    return 1;
                }, cancellationToken: source.Token),
                TaskGroup.RunAsync(static group => { group.Run(static async () =>
                {
                    await OwnTimeoutAsync();
                    return 1;
                }); }, Joiner.AllSucceed<int>(), cancellationToken: source.Token),
            ];
            foreach (var block in blocks)
            {
                (await CaughtAsync(block)).ShouldBeOfType<OperationCanceledException>().Message.ShouldContain(isAskedFor ? "cancelled from outside" : "own timeout");
                block.Status.ShouldBe(isAskedFor ? TaskStatus.Canceled : TaskStatus.Faulted);
            }
        }

        static async Task OwnTimeoutAsync()
        {
            await SleepAsync(1);
            throw new OperationCanceledException("a library's own timeout");
        }
    });

    [ThreadFact]
    public async Task Cancellation_from_outside_reaches_every_task_and_comes_out_when_they_have_ended() => await RunAsync(static async () =>
    {
        using var source = new CancellationTokenSource();
        int ended = 0;
        EventLoop.Current!.CallLater(Second, source.Cancel);
        var error = await CaughtAsync(TaskGroup.RunAsync(
            group =>
            {
                for (int i = 0; i < 10; i++) group.Run(SleepAndCountAsync);
                group.Run(token => Task.Delay(Timeout.Infinite, token));
            },
            cancellationToken: source.Token));
        error.ShouldBeOfType<OperationCanceledException>().CancellationToken.ShouldBe(source.Token);
        ended.ShouldBe(10);
        Now.ShouldBe(3);

        async Task SleepAndCountAsync()
        {
            try
            {
                await SleepAsync(100);
            }
            finally
            {
                await CancelScope.ShieldAsync(static () => SleepAsync(2));
                ended++;
            }
        }
    });

    [ThreadFact]
    public async Task With_errors_of_tasks_a_cancellation_from_outside_is_reported_too() => await RunAsync(static async () =>
    {
        using var source = new CancellationTokenSource();
        EventLoop.Current!.CallLater(Second, source.Cancel);
        var error = await CaughtAsync(TaskGroup.RunAsync(
            static group =>
            {
                group.Run(static () => SleepAsync(100));
                group.Run(static async () =>
                {
                    try
                    {
                        await SleepAsync(100);
                    }
                    catch (OperationCanceledException)
                    {
                        throw new FormatException("cleaning up");
                    }
                });
            },
            cancellationToken: source.Token));
        var errors = error.ShouldBeOfType<AggregateException>().InnerExceptions;
        errors.Count.ShouldBe(2);
        errors[0].Message.ShouldBe("cleaning up");
        errors[1].ShouldBeOfType<OperationCanceledException>();
    });

    [ThreadFact]
    public async Task A_cancellation_of_the_group_itself_ends_it_without_an_error() => await RunAsync(static async () =>
    {
        await TaskGroup.RunAsync(static async group =>
        {
            group.Run(static () => SleepAsync(100));
            await SleepAsync(1);
            group.Cancel();
            await SleepAsync(100);
        });
        Now.ShouldBe(1);
        (await CaughtAsync(TaskGroup.RunAsync(static async group =>
        {
            group.Cancel();
            await SleepAsync(1);
            return 5;
        }))).ShouldBeOfType<OperationCanceledException>();
    });

    [ThreadFact]
    public async Task Nested_groups_convert_only_their_own_cancellation() => await RunAsync(static async () =>
    {
        var seen = new List<string>();
        await TaskGroup.RunAsync(async outer =>
        {
            outer.Run(async () =>
            {
                var error = await CaughtAsync(TaskGroup.RunAsync(static inner =>
                {
                    inner.Run(static () => SleepAsync(100));
                    inner.Run(static () => throw new FormatException("inner"));
                }));
                seen.Add(error!.Message);
                await SleepAsync(1);
                seen.Add("the outer continues");
            });
            await SleepAsync(2);
        });
        seen.ShouldBe(["inner", "the outer continues"]);

        bool isInTime = await CancelScope.MoveOnAfterAsync(Second, async _ =>
        {
            var error = await CaughtAsync(TaskGroup.RunAsync(static inner => { inner.Run(static () => SleepAsync(100)); }));
            seen.Add(error!.GetType().Name);
            throw error;
        });
        isInTime.ShouldBeFalse();
        seen[^1].ShouldBe(nameof(OperationCanceledException));
    });

    [ThreadFact]
    public async Task Nested_groups_cancelled_both_clean_up_each_its_own() => await RunAsync(static async () =>
    {
        var order = new List<string>();
        var error = await CaughtAsync(TaskGroup.RunAsync(outer =>
        {
            outer.Run(async () =>
            {
                try
                {
                    await TaskGroup.RunAsync(inner => { inner.Run(() => CleanAsync("inner")); });
                }
                finally
                {
                    order.Add("outer");
                }
            });
            outer.Run(static async () =>
            {
                await SleepAsync(1);
                throw new FormatException("stop");
            });
        }));
        error.ShouldBeOfType<FormatException>();
        order.ShouldBe(["inner", "outer"]);

        async Task CleanAsync(string name)
        {
            try
            {
                await SleepAsync(100);
            }
            finally
            {
                order.Add(name);
            }
        }
    });

    [ThreadFact]
    public async Task An_error_of_a_callback_on_the_token_never_keeps_a_failed_group_from_completing() => await RunAsync(static async () =>
    {
        foreach (int? limit in (int?[])[null, 1])
        {
            GroupTask? queued = null;
            var error = await CaughtAsync(TaskGroup.RunAsync(
                group =>
                {
                    group.CancellationToken.Register(static () => throw new IOException("callback"));
                    group.Run(static () => throw new FormatException("task"));
                    queued = group.Run(static () => SleepAsync(100));
                },
                new() { MaxConcurrency = limit }));
            error.ShouldBeOfType<AggregateException>().InnerExceptions.Select(static inner => inner.Message).ShouldBe(["task", "callback"]);
            queued!.State.ShouldBe(GroupTaskState.Canceled);
        }

        var fromBody = await CaughtAsync(TaskGroup.RunAsync(static (TaskGroup group) =>
        {
            group.CancellationToken.Register(static () => throw new IOException("callback"));
            group.Run(static () => SleepAsync(100));
            throw new FormatException("body");
        }));
        fromBody.ShouldBeOfType<AggregateException>().InnerExceptions.Select(static inner => inner.Message).ShouldBe(["body", "callback"]);
    });

    [ThreadFact]
    public async Task A_task_that_the_context_refuses_runs_on_the_thread_pool()
    {
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new OnceRefusingContext());
        Task block;
        GroupTask? task = null;
        try
        {
            block = TaskGroup.RunAsync(group => { task = group.Run(static () => Task.CompletedTask); });
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }

        await block.WaitAsync(TestTimeout.Wait);
        task!.State.ShouldBe(GroupTaskState.Succeeded);
    }

    [ThreadFact]
    public async Task What_cancels_a_group_does_not_leak_out_of_it() => await RunAsync(static async () =>
    {
        await CancelScope.RunAsync(static async scope =>
        {
            await CaughtAsync(TaskGroup.RunAsync(static group => { group.Run(static () => throw new FormatException()); }));
            scope.IsCancellationRequested.ShouldBeFalse();
            CancelScope.Current.ShouldBeSameAs(scope);
            await SleepAsync(1);
        });
        Now.ShouldBe(1);
    });

    private sealed class OnceRefusingContext : SynchronizationContext
    {
        private int _posts;

        public override void Post(SendOrPostCallback d, object? state)
        {
            if (Interlocked.Increment(ref _posts) == 1) throw new InvalidOperationException("This context accepts no posts.");
            base.Post(d, state);
        }
    }
}
