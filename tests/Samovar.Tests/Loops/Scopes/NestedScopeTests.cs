using System.Diagnostics;
using System.Runtime.ExceptionServices;
using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops.Scopes;

/// <summary>Chains of scopes: what cancelling them costs at each level, and what comes out of each.</summary>
public sealed class NestedScopeTests
{
    private const int Deep = 400; // levels; at a few KB each, a stack that grows with them shows

    [ThreadFact]
    public async Task Cancelling_a_chain_of_scopes_throws_once_a_level_with_a_trace_that_does_not_grow() => await RunAsync(static async () =>
    {
        var thrown = new ThrownHere();
        bool isDone;
        using (thrown.Listen())
        {
            isDone = await CancelScope.RunAsync(static async outer =>
            {
                EventLoop.Current!.CallLater(Second, outer.Cancel);
                await NestAsync(Deep, static () => SleepAsync(100));
            });
        }

        isDone.ShouldBeFalse();
        Now.ShouldBe(1);
        thrown.Count.ShouldBeInRange(Deep, Deep + 5, "each level's own await throws; the innermost wait twice, and once more to be read");
        thrown.LongestTrace.ShouldBeLessThan(10, "lines");
    });

    [ThreadFact]
    public async Task A_chain_of_scopes_ends_on_a_stack_that_does_not_grow() => await RunAsync(static async () =>
    {
        var frames = new List<int>();
        await CancelScope.RunAsync(async outer =>
        {
            EventLoop.Current!.CallLater(Second, outer.Cancel);
            await MeasureAsync(Deep);
        });
        frames.Count.ShouldBe(Deep + 1);
        int shallow = frames.Take(Deep / 4).Max();
        frames.Max().ShouldBeLessThanOrEqualTo(shallow, "the first quarter has been as deep as it gets");

        frames.Clear();
        await MeasureAsync(Deep, succeeds: true);
        frames.Max().ShouldBeLessThanOrEqualTo(frames.Take(Deep / 4).Max(), "and so where all succeed");

        async Task MeasureAsync(int left, bool succeeds = false)
        {
            await Task.Yield(); // entering is no recursion either
            try
            {
                if (left > 0) await CancelScope.RunAsync(_ => MeasureAsync(left - 1, succeeds));
                else await SleepAsync(succeeds ? 1 : 100);
            }
            finally
            {
                frames.Add(new StackTrace().FrameCount);
            }
        }
    });

    [ThreadFact]
    public async Task Off_a_loop_a_chain_of_scopes_is_cancelled_alike()
    {
        var isInside = new Gate();
        CancelScope? outermost = null;
        var block = CancelScope.RunAsync(async outer =>
        {
            outermost = outer;
            await NestAsync(Deep, async () =>
            {
                var token = CancelScope.CurrentToken;
                isInside.Open();
                await Task.Delay(Timeout.Infinite, token);
            });
        });
        await isInside.PassAsync();
        outermost!.Cancel();
        (await block.WaitAsync(TestTimeout.Wait)).ShouldBeFalse();
    }

    [ThreadFact]
    public async Task Each_level_has_an_exception_of_its_own_in_which_the_first_is_found() => await RunAsync(static async () =>
    {
        var seen = new List<OperationCanceledException>();
        CancellationToken outerToken = default;
        (await CancelScope.RunAsync(async outer =>
        {
            outerToken = outer.Token;
            EventLoop.Current!.CallLater(Second, outer.Cancel);
            await SeenAsync(CancelScope.RunAsync(_ => SeenAsync(CancelScope.FailAfterAsync(10 * Second, _ => SeenAsync(SleepAsync(100))))));
        })).ShouldBeFalse();

        seen.Count.ShouldBe(3);
        seen[0].InnerException.ShouldBeNull();
        foreach (var ofLevel in seen.Skip(1))
        {
            ofLevel.Message.ShouldBe("The scope was cancelled from outside.");
            ofLevel.InnerException.ShouldBeSameAs(seen[0]);
        }

        seen[2].CancellationToken.ShouldBe(outerToken);
        seen.Distinct().Count().ShouldBe(3);

        async Task SeenAsync(Task work)
        {
            try
            {
                await work;
            }
            catch (OperationCanceledException error)
            {
                seen.Add(error);
                throw;
            }
        }
    });

    [ThreadFact]
    public async Task A_token_from_outside_is_named_and_leaves_nothing_in_the_scope_around() => await RunAsync(static async () =>
    {
        await CancelScope.RunAsync(static async outer =>
        {
            using var source = new CancellationTokenSource();
            EventLoop.Current!.CallLater(Second, source.Cancel);
            var byToken = (await CaughtAsync(CancelScope.RunAsync(static _ => SleepAsync(100), source.Token))).ShouldBeOfType<OperationCanceledException>();
            byToken.CancellationToken.ShouldBe(source.Token);

            EventLoop.Current.CallLater(Second, outer.Cancel);
            var byScope = (await CaughtAsync(CancelScope.RunAsync(static _ => SleepAsync(100)))).ShouldBeOfType<OperationCanceledException>();
            byScope.CancellationToken.ShouldBe(outer.Token);
            byScope.InnerException.ShouldNotBeSameAs(byToken.InnerException, "that was another cancellation");
        });
    });

    [ThreadFact]
    public async Task Work_that_was_cancelled_before_it_began_throws_nothing_but_at_the_await() => await RunAsync(static async () =>
    {
        using var tripped = new CancellationTokenSource();
        await tripped.CancelAsync();
        var thrown = new ThrownHere();
        using (thrown.Listen())
        {
            (await CancelScope.MoveOnAfterAsync(TimeSpan.Zero, static _ => Task.CompletedTask)).ShouldBeFalse();
            thrown.Count.ShouldBe(0);
            var error = (await CaughtAsync(CancelScope.RunAsync(static _ => Task.CompletedTask, tripped.Token))).ShouldBeOfType<OperationCanceledException>();
            error.InnerException!.Message.ShouldBe("The scope was cancelled before the work started.");
            thrown.Count.ShouldBe(1);
        }
    });

    [ThreadFact]
    public async Task What_the_work_returns_or_throws_comes_out_as_itself() => await RunAsync(static async () =>
    {
        (await CancelScope.MoveOnAfterAsync(Second, static _ => Task.FromResult(false))).ShouldBeTrue("it is the end of the work that counts");
        (await CancelScope.ShieldAsync(static () => Task.FromResult(5))).ShouldBe(5);
        var error = new FormatException("of the work");
        (await CaughtAsync(CancelScope.RunAsync(_ => throw error))).ShouldBeSameAs(error);
        (await CaughtAsync(CancelScope.RunAsync(_ => Task.FromException(error)))).ShouldBeSameAs(error);
        (await CaughtAsync(CancelScope.FailAfterAsync<int>(Second, _ => Task.FromException<int>(error)))).ShouldBeSameAs(error);
        (await CaughtAsync(CancelScope.RunAsync(static _ => null!))).ShouldBeOfType<InvalidOperationException>().Message.ShouldContain("returned null");
    });

    [ThreadFact]
    public async Task The_snapshot_of_a_loop_follows_an_await_through_the_scopes() => await RunAsync(static async () =>
    {
        var never = new TaskCompletionSource();
        var work = EventLoop.Current!.Submit(() => NestAsync(3, () => never.Task));
        await Samovar.Testing.LoopTesting.WaitAllBlockedAsync();
        var node = (await EventLoop.Current.GetTaskTreeAsync()).Children.Single(static child => child.Label.StartsWith("submitted", StringComparison.Ordinal));
        node.Awaits.Count(static line => line.StartsWith("NestedScopeTests.NestAsync (NestedScopeTests.cs:", StringComparison.Ordinal)).ShouldBe(4);
        node.Awaits[^1].ShouldContain("TaskCompletionSource");
        never.SetResult();
        await work;
    });

    private static async Task NestAsync(int left, Func<Task> innermost)
    {
        await Task.Yield();
        if (left == 0) await innermost();
        else await CancelScope.RunAsync(_ => NestAsync(left - 1, innermost));
    }

    /// <summary>Counts what is thrown on one thread.</summary>
    private sealed class ThrownHere
    {
        private readonly int _thread = Environment.CurrentManagedThreadId;

        public int Count { get; private set; }

        public int LongestTrace { get; private set; }

        public IDisposable Listen()
        {
            AppDomain.CurrentDomain.FirstChanceException += See;
            return new End(this);
        }

        private void See(object? sender, FirstChanceExceptionEventArgs thrown)
        {
            if (Environment.CurrentManagedThreadId != _thread) return;
            Count++;
            LongestTrace = Math.Max(LongestTrace, thrown.Exception.StackTrace?.Split('\n').Length ?? 0);
        }

        private sealed class End(ThrownHere thrown) : IDisposable
        {
            public void Dispose() => AppDomain.CurrentDomain.FirstChanceException -= thrown.See;
        }
    }
}
