using Samovar.Ipc;
using Samovar.Tests.Processes;
using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops.Coordination;

/// <summary>Holders that enter again, and others that only look like them.</summary>
[Collection(ProcessTestCollection.Name)]
public sealed class SelfWaitTests
{
    public static TheoryData<string> Kinds => ["Lock", "Semaphore", "Capacity limiter", "ProcessLock", "ProcessSemaphore", "ProcessReaderWriterLock"];

    [ThreadTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_holder_that_enters_again_gets_an_error_that_names_it_and_the_lock(string kind)
    {
        using var entered = new Entered(kind);
        var ofMain = await CaughtAsync(RunAsync(() => OuterAsync(entered), Real));
        ofMain.ShouldBeOfType<LockRecursionException>().Message.ShouldContain(".OuterAsync (SelfWaitTests.cs:");
        var ofTask = await CaughtAsync(RunAsync(() => TaskGroup.RunAsync(group => group.Run(() => OuterAsync(entered), "cook")), Real));
        ofTask.ShouldBeOfType<LockRecursionException>().Message.ShouldContain("in task 'cook'");
        var ofSubmitted = await CaughtAsync(RunAsync(() => EventLoop.Current!.Submit(() => OuterAsync(entered)).AsTask(), Real));
        ofSubmitted.ShouldBeOfType<LockRecursionException>();
        using (await entered.EnterAsync())
        {
            // The error has left nothing behind.
        }

        static async Task OuterAsync(Entered entered)
        {
            using (await entered.EnterAsync()) await InnerAsync(entered);
        }

        static async Task InnerAsync(Entered entered)
        {
            await Task.Yield();
            using (await entered.EnterAsync()) Assert.Fail("It is held.");
        }
    }

    [ThreadTheory]
    [MemberData(nameof(Kinds))]
    public async Task What_is_started_under_the_lock_and_not_awaited_there_enters_when_its_starter_has_left(string kind)
    {
        using var entered = new Entered(kind);
        await RunAsync(
            async () =>
            {
                Task started;
                using (await entered.EnterAsync())
                {
                    started = HoldAsync();
                    for (int i = 0; i < 5; i++) await Task.Yield();
                    started.IsCompleted.ShouldBeFalse();
                }

                await started;
            },
            Real);

        async Task HoldAsync()
        {
            using (await entered.EnterAsync()) await Task.Yield();
        }
    }

    [ThreadTheory]
    [MemberData(nameof(Kinds))]
    public async Task Several_calls_of_one_task_take_turns(string kind)
    {
        using var entered = new Entered(kind);
        int turns = 0;
        await RunAsync(
            async () =>
            {
                var first = HoldAsync();
                using (await entered.EnterAsync()) turns++; // awaits what another call of this very code holds
                await first;
                await Task.WhenAll(HoldAsync(), HoldAsync(), HoldAsync());
            },
            Real);
        turns.ShouldBe(5);

        async Task HoldAsync()
        {
            using (await entered.EnterAsync())
            {
                for (int i = 0; i < 5; i++) await Task.Yield();
                turns++;
            }
        }
    }

    [ThreadTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_lease_that_a_timer_disposes_of_does_not_refuse_the_next_entry(string kind)
    {
        using var entered = new Entered(kind);
        int entries = 0;
        await RunAsync(
            async () =>
            {
                IDisposable? lease = null;
                for (; entries < 3; entries++)
                {
                    lease = await entered.EnterAsync();
                    EventLoop.Current!.CallLater(TimeSpan.FromMilliseconds(1), lease.Dispose);
                }

                lease.ShouldNotBeNull();
            },
            Real);
        entries.ShouldBe(3);
    }

    [ThreadTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_lease_that_a_started_task_disposes_of_does_not_refuse_the_next_entry(string kind)
    {
        using var entered = new Entered(kind);
        await RunAsync(
            async () =>
            {
                var lease = await entered.EnterAsync();
                var started = DisposeLaterAsync(lease);
                using (await entered.EnterAsync()) lease.ShouldNotBeNull();
                await started;
            },
            Real);

        static async Task DisposeLaterAsync(IDisposable lease)
        {
            using (lease)
            {
                for (int i = 0; i < 5; i++) await Task.Yield();
            }
        }
    }

    [ThreadTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_holder_that_gives_up_after_a_time_gets_no_error(string kind)
    {
        using var entered = new Entered(kind);
        await RunAsync(
            async () =>
            {
                Task again;
                using (await entered.EnterAsync())
                {
                    again = EnterAndLeaveAsync();
                    (await CaughtAsync(again.WaitAsync(TimeSpan.FromMilliseconds(5)))).ShouldBeOfType<TimeoutException>();
                }

                await again;
            },
            Real);

        async Task EnterAndLeaveAsync()
        {
            using (await entered.EnterAsync()) await Task.Yield();
        }
    }

    [ThreadTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_wait_with_a_token_of_its_own_ends_by_it_and_one_with_its_scope_s_is_refused(string kind)
    {
        using var entered = new Entered(kind);
        await RunAsync(
            async () =>
            {
                using var source = new CancellationTokenSource();
                using (await entered.EnterAsync())
                {
                    EventLoop.Current!.CallLater(TimeSpan.FromMilliseconds(1), source.Cancel);
                    (await CaughtAsync(entered.EnterAsync(source.Token))).ShouldBeAssignableTo<OperationCanceledException>()!.CancellationToken.ShouldBe(source.Token);
                    (await CaughtAsync(entered.EnterAsync(CancelScope.CurrentToken))).ShouldBeOfType<LockRecursionException>();
                }
            },
            Real);
    }

    [ThreadFact]
    public async Task A_semaphore_that_other_code_may_release_does_not_refuse_its_holder() => await RunAsync(static async () =>
    {
        var released = new AsyncSemaphore(0, maxCount: 1);
        released.Release();
        foreach (var semaphore in (AsyncSemaphore[])[new(1), released])
        {
            using (await semaphore.EnterAsync())
            {
                EventLoop.Current!.CallLater(Second, () => semaphore.Release());
                await semaphore.EnterAsync();
            }

            semaphore.CurrentCount.ShouldBe(1);
        }

        Now.ShouldBe(2);
    });

    [ThreadFact]
    public async Task A_holder_that_was_granted_its_lease_in_line_is_refused_too() => await RunAsync(static async () =>
    {
        var stove = new AsyncLock("stove");
        var semaphore = new AsyncSemaphore(1, maxCount: 1);
        var limiter = new CapacityLimiter(1);
        foreach (var enter in (Func<Task<AsyncLease>>[])[() => stove.EnterAsync().AsTask(), () => semaphore.EnterAsync().AsTask(), () => limiter.EnterAsync().AsTask()])
        {
            var held = new AsyncEvent();
            var other = EventLoop.Current!.Submit(async () =>
            {
                using (await enter())
                {
                    held.Set();
                    await SleepAsync(1);
                }
            });
            await held.WaitAsync();
            (await CaughtAsync(TwiceAsync(enter))).ShouldBeOfType<LockRecursionException>();
            await other;
        }

        static async Task TwiceAsync(Func<Task<AsyncLease>> enter)
        {
            using (await enter())
            {
                using (await enter()) Assert.Fail("It is held.");
            }
        }
    });

    [ThreadFact]
    public async Task A_limiter_with_several_places_refuses_who_has_them_all() => await RunAsync(
        static async () =>
        {
            var limiter = new CapacityLimiter(2, "burners");
            using var first = await limiter.EnterAsync();
            using var second = await limiter.EnterAsync();
            var error = await CaughtAsync(limiter.EnterAsync().AsTask());
            error.ShouldBeOfType<LockRecursionException>().Message.ShouldStartWith("Capacity limiter 'burners' cannot be entered again by its holder");
            var other = limiter.EnterAsync("other");
            second.Dispose();
            (await other).Dispose();
            limiter.GetStatistics().ShouldSatisfyAllConditions(static now => now.Borrowed.ShouldBe(1), static now => now.Waiting.ShouldBe(0));
        },
        Real);

    [ThreadFact]
    public async Task A_reader_that_wants_to_write_waits_for_itself() => await RunAsync(
        static async () =>
        {
            using var gate = new ProcessReaderWriterLock();
            using (await gate.EnterReadAsync())
            {
                using var second = await gate.EnterReadAsync();
                (await CaughtAsync(gate.EnterWriteAsync().AsTask())).ShouldBeOfType<LockRecursionException>();
            }

            using (await gate.EnterWriteAsync()) gate.IsWriteHeld.ShouldBeTrue();
        },
        Real);

    [ThreadFact]
    public async Task A_token_that_trips_comes_out_of_a_second_entry_as_itself() => await RunAsync(
        static async () =>
        {
            using var gate = new ProcessLock();
            using var source = new CancellationTokenSource();
            using (await gate.EnterAsync())
            {
                var second = gate.EnterAsync(source.Token).AsTask();
                await source.CancelAsync();
                (await CaughtAsync(second)).ShouldBeAssignableTo<OperationCanceledException>()!.CancellationToken.ShouldBe(source.Token);
            }
        },
        Real);

    /// <summary>One of each kind, with one place.</summary>
    private sealed class Entered : IDisposable
    {
        private readonly IDisposable? _shared;
        private readonly Func<CancellationToken, Task<IDisposable>> _enter;

        public Entered(string kind)
        {
            switch (kind)
            {
                case "Lock":
                    var asyncLock = new AsyncLock("stove");
                    _enter = async token => await asyncLock.EnterAsync(token);
                    break;
                case "Semaphore":
                    var semaphore = new AsyncSemaphore(1, maxCount: 1, name: "stove");
                    _enter = async token => await semaphore.EnterAsync(token);
                    break;
                case "Capacity limiter":
                    var limiter = new CapacityLimiter(1, "stove");
                    _enter = async token => await limiter.EnterAsync(token);
                    break;
                case "ProcessLock":
                    var processLock = new ProcessLock();
                    _shared = processLock;
                    _enter = async token => await processLock.EnterAsync(token);
                    break;
                case "ProcessSemaphore":
                    var processSemaphore = new ProcessSemaphore(1, 1);
                    _shared = processSemaphore;
                    _enter = async token => await processSemaphore.EnterAsync(token);
                    break;
                case "ProcessReaderWriterLock":
                    var readerWriterLock = new ProcessReaderWriterLock();
                    _shared = readerWriterLock;
                    _enter = async token => await readerWriterLock.EnterWriteAsync(token);
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not one of the kinds.");
            }
        }

        public Task<IDisposable> EnterAsync(CancellationToken cancellationToken = default) => _enter(cancellationToken);

        public void Dispose() => _shared?.Dispose();
    }
}
