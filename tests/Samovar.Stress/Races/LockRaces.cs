using System.Diagnostics.CodeAnalysis;
using Samovar.Ipc;

namespace Samovar.Stress.Races;

/// <summary>Entering and waiting: locks, semaphores, limiters, events, barriers and conditions, between processes and in one.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "The second participant comes as soon as the first has arrived.")]
internal static class LockRaces
{
    public static IEnumerable<CancelRace> All =>
    [
        new("ProcessLock.Enter", static () => OfLock(static (entered, token) => RaceSetup.Blocking(t => entered.Lease = entered.Lock.Enter(t))(token))),
        new("ProcessLock.EnterAsync", static () => OfLock(static async (entered, token) => entered.Lease = await entered.Lock.EnterAsync(token).ConfigureAwait(false))),
        new("ProcessSemaphore.Wait", static () => OfSemaphore(static (semaphore, token) => RaceSetup.Blocking(t => semaphore.Wait(t))(token))),
        new("ProcessSemaphore.WaitAsync", static () => OfSemaphore(static (semaphore, token) => semaphore.WaitAsync(token).AsTask())),
        new("ProcessReaderWriterLock.EnterReadAsync", ReadAsync),
        new("ProcessReaderWriterLock.EnterWrite", Write),
        new("ProcessEvent.Wait", static () => OfEvent(static (signal, token) => RaceSetup.Blocking(t => signal.Wait(t))(token))),
        new("ProcessEvent.WaitAsync", static () => OfEvent(static (signal, token) => signal.WaitAsync(token).AsTask())),
        new("ProcessBarrier.SignalAndWait", static () => OfBarrier(static (barrier, token) => RaceSetup.Blocking(t => barrier.SignalAndWait(t))(token))),
        new("ProcessBarrier.SignalAndWaitAsync", static () => OfBarrier(static (barrier, token) => barrier.SignalAndWaitAsync(token).AsTask())),
        new("ProcessCondition.WaitAsync", OfProcessCondition),
        new("AsyncLock.EnterAsync", OfAsyncLock),
        new("AsyncSemaphore.WaitAsync", OfAsyncSemaphore),
        new("CapacityLimiter.EnterAsync", OfLimiter),
        new("AsyncEvent.WaitAsync", OfAsyncEvent),
        new("AsyncBarrier.SignalAndWaitAsync", OfAsyncBarrier),
        new("AsyncCondition.WaitAsync", OfAsyncCondition),
    ];

    private static RaceSetup OfLock(Func<Entered, CancellationToken, Task> enter)
    {
        var gate = new ProcessLock();
        var entered = new Entered(gate);
        var holder = gate.Enter();
        return new RaceSetup
        {
            Begin = token => enter(entered, token),
            Succeed = () => holder.Dispose(),
            HasHappened = () =>
            {
                bool isHeld = gate.IsHeld;
                entered.Leave();
                holder = gate.TryEnter(TimeSpan.Zero) ?? throw new InvalidOperationException("The statistics show no holder, but the lock cannot be entered.");
                return isHeld;
            },
            Owned = [gate],
        };
    }

    private static RaceSetup OfSemaphore(Func<ProcessSemaphore, CancellationToken, Task> wait)
    {
        var semaphore = new ProcessSemaphore(0, 1);
        return new RaceSetup
        {
            Begin = token => wait(semaphore, token),
            Succeed = () => semaphore.Release(),
            HasHappened = () => !semaphore.Wait(TimeSpan.Zero),
            Owned = [semaphore],
        };
    }

    private static RaceSetup ReadAsync()
    {
        var gate = new ProcessReaderWriterLock();
        var holder = gate.EnterWrite();
        ProcessLease? entered = null;
        return new RaceSetup
        {
            Begin = async token => entered = await gate.EnterReadAsync(token).ConfigureAwait(false),
            Succeed = () => holder.Dispose(),
            HasHappened = () =>
            {
                bool isHeld = gate.CurrentReadCount == 1;
                Interlocked.Exchange(ref entered, null)?.Dispose();
                holder = gate.TryEnterWrite(TimeSpan.Zero) ?? throw new InvalidOperationException("The statistics show no holder, but the lock cannot be entered.");
                return isHeld;
            },
            Owned = [gate],
        };
    }

    private static RaceSetup Write()
    {
        var gate = new ProcessReaderWriterLock();
        var holder = gate.EnterRead();
        ProcessLease? entered = null;
        return new RaceSetup
        {
            Begin = RaceSetup.Blocking(token => entered = gate.EnterWrite(token)),
            Succeed = () => holder.Dispose(),
            HasHappened = () =>
            {
                bool isHeld = gate.IsWriteHeld;
                Interlocked.Exchange(ref entered, null)?.Dispose();
                holder = gate.TryEnterRead(TimeSpan.Zero) ?? throw new InvalidOperationException("The statistics show no holder, but the lock cannot be entered.");
                return isHeld;
            },
            Owned = [gate],
        };
    }

    private static RaceSetup OfEvent(Func<ProcessEvent, CancellationToken, Task> wait)
    {
        var signal = new ProcessEvent(false, EventResetMode.AutoReset);
        return new RaceSetup
        {
            Begin = token => wait(signal, token),
            Succeed = signal.Set,
            HasHappened = () => !signal.Wait(TimeSpan.Zero),
            Owned = [signal],
        };
    }

    // The second to arrive passes at once, or finds that the first has left.
    private static RaceSetup OfBarrier(Func<ProcessBarrier, CancellationToken, Task> arrive)
    {
        var barrier = new ProcessBarrier(2);
        bool hasPassed = false;
        return new RaceSetup
        {
            Begin = token =>
            {
                var arrival = arrive(barrier, token);
                SpinWait.SpinUntil(() => barrier.ParticipantsRemaining == 1); // the second does not wait for the first
                return arrival;
            },
            Succeed = () => hasPassed = barrier.SignalAndWait(TimeSpan.Zero),
            HasHappened = () => barrier.ParticipantsRemaining == 2 ? hasPassed : throw new InvalidOperationException($"{barrier.ParticipantsRemaining} of 2 participants are missing, and none has arrived."),
            Owned = [barrier],
        };
    }

    // A notice is for the first that waits; where that one is cancelled, it is for the second.
    private static RaceSetup OfProcessCondition()
    {
        var gate = new ProcessLock();
        var condition = new ProcessCondition(gate);
        Task first = Task.CompletedTask, second = Task.CompletedTask;
        return new RaceSetup
        {
            Begin = token =>
            {
                first = WaitAsync(token);
                second = WaitAsync(CancellationToken.None);
                return first;
            },
            Succeed = () => Notify(1),
            Settle = () => EndSecondAsync(first, second, Notify),
            HasHappened = () => first.IsCompletedSuccessfully,
            Owned = [condition, gate],
        };

        async Task WaitAsync(CancellationToken token)
        {
            using var lease = gate.Enter(CancellationToken.None);
            await condition.WaitAsync(lease, token).ConfigureAwait(false);
        }

        void Notify(int count)
        {
            using (gate.Enter()) condition.Notify(count);
        }
    }

    private static RaceSetup OfAsyncLock()
    {
        var gate = new AsyncLock();
        var holder = gate.TryEnter()!;
        AsyncLease? entered = null;
        return new RaceSetup
        {
            Begin = async token => entered = await gate.EnterAsync(token).ConfigureAwait(false),
            Succeed = () => holder.Dispose(),
            HasHappened = () =>
            {
                bool isHeld = gate.IsHeld;
                Interlocked.Exchange(ref entered, null)?.Dispose();
                holder = gate.TryEnter() ?? throw new InvalidOperationException("The statistics show no holder, but the lock cannot be entered.");
                return isHeld;
            },
        };
    }

    private static RaceSetup OfAsyncSemaphore()
    {
        var semaphore = new AsyncSemaphore(0, 1);
        return new RaceSetup
        {
            Begin = token => semaphore.WaitAsync(token).AsTask(),
            Succeed = () => semaphore.Release(),
            HasHappened = () => !semaphore.TryWait(),
        };
    }

    private static RaceSetup OfLimiter()
    {
        var limiter = new CapacityLimiter(1);
        AsyncLease? holder = null, entered = null;
        _ = HoldAsync();
        return new RaceSetup
        {
            Begin = async token => entered = await limiter.EnterAsync(token).ConfigureAwait(false),
            Succeed = () => holder!.Dispose(),
            HasHappened = () =>
            {
                bool isBorrowed = limiter.GetStatistics().Borrowed == 1;
                Interlocked.Exchange(ref entered, null)?.Dispose();
                return HoldAsync().IsCompletedSuccessfully ? isBorrowed : throw new InvalidOperationException("The statistics show no borrower, but there is no room.");
            },
        };

        async Task HoldAsync() => holder = await limiter.EnterAsync().ConfigureAwait(false);
    }

    private static RaceSetup OfAsyncEvent()
    {
        var signal = new AsyncEvent(false, EventResetMode.AutoReset);
        return new RaceSetup
        {
            Begin = token => signal.WaitAsync(token).AsTask(),
            Succeed = signal.Set,
            HasHappened = () =>
            {
                bool isSet = signal.IsSet;
                signal.Reset();
                return !isSet;
            },
        };
    }

    // The second to arrive passes, or waits since the first was cancelled and has taken its arrival back.
    private static RaceSetup OfAsyncBarrier()
    {
        var barrier = new AsyncBarrier(2);
        Task second = Task.CompletedTask;
        return new RaceSetup
        {
            Begin = token => barrier.SignalAndWaitAsync(token).AsTask(),
            Succeed = () => second = barrier.SignalAndWaitAsync().AsTask(),
            HasHappened = () =>
            {
                barrier.Reset();
                return second.IsCompletedSuccessfully;
            },
        };
    }

    private static RaceSetup OfAsyncCondition()
    {
        var gate = new AsyncLock();
        var condition = new AsyncCondition(gate);
        Task first = Task.CompletedTask, second = Task.CompletedTask;
        return new RaceSetup
        {
            Begin = token =>
            {
                first = WaitAsync(token);
                second = WaitAsync(CancellationToken.None);
                return first;
            },
            Succeed = () => Notify(1),
            Settle = () => EndSecondAsync(first, second, Notify),
            HasHappened = () => first.IsCompletedSuccessfully,
        };

        void Notify(int count)
        {
            using (gate.EnterAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult()) condition.Notify(count);
        }

        async Task WaitAsync(CancellationToken token)
        {
            using var lease = await gate.EnterAsync(CancellationToken.None).ConfigureAwait(false);
            await condition.WaitAsync(lease, token).ConfigureAwait(false);
        }
    }

    /// <summary>After a notice for one of two waiters: ends the second, which must have had the notice if the first was cancelled.</summary>
    private static async Task EndSecondAsync(Task first, Task second, Action<int> notify)
    {
        if (first.IsCompletedSuccessfully) notify(1);
        await second.WaitAsync(TimeSpan.FromSeconds(30)).ConfigureAwait(false);
    }

    /// <summary>A lock, and the lease of who has entered it.</summary>
    private sealed class Entered(ProcessLock gate)
    {
        private ProcessLease? _lease;

        public ProcessLock Lock => gate;

        public ProcessLease? Lease
        {
            set => Volatile.Write(ref _lease, value);
        }

        public void Leave() => Interlocked.Exchange(ref _lease, null)?.Dispose();
    }
}
