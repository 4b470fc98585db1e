namespace Samovar.Tests.Contract.Coordination;

public sealed class AsyncLockContract : LockContract
{
    private readonly AsyncLock _lock = new();

    protected override bool IsHeld => _lock.IsHeld;

    protected override int Waiting => _lock.Waiting;

    protected override (int Available, int Waiting) Statistics => (_lock.GetStatistics().Available, _lock.GetStatistics().Waiting);

    protected override async Task<IDisposable> EnterAsync(CancellationToken cancellationToken = default) => await _lock.EnterAsync(cancellationToken);

    protected override IDisposable? TryEnter() => _lock.TryEnter();
}

public sealed class CapacityLimiterContract : LockContract
{
    private readonly CapacityLimiter _limiter = new(1);

    protected override bool IsHeld => _limiter.GetStatistics().Borrowed == 1;

    protected override int Waiting => _limiter.Waiting;

    protected override (int Available, int Waiting) Statistics => _limiter.GetStatistics() is var now ? (now.Total - now.Borrowed, now.Waiting) : default;

    protected override async Task<IDisposable> EnterAsync(CancellationToken cancellationToken = default) => await _limiter.EnterAsync(cancellationToken);

    protected override IDisposable? TryEnter() => _limiter.TryEnter();
}

public sealed class AsyncSemaphoreContract : SemaphoreContract
{
    protected override ITested Build(int initialCount, int? maxCount = null) => new Tested(new AsyncSemaphore(initialCount, maxCount));

    private sealed class Tested(AsyncSemaphore semaphore) : ITested
    {
        public int CurrentCount => semaphore.CurrentCount;

        public int MaxCount => semaphore.MaxCount;

        public int Waiting => semaphore.Waiting;

        public (int Available, int Waiting) Statistics => (semaphore.GetStatistics().Available, semaphore.GetStatistics().Waiting);

        public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken = default) => await semaphore.EnterAsync(cancellationToken);

        public IDisposable? TryEnter() => semaphore.TryEnter();

        public Task WaitAsync(CancellationToken cancellationToken = default) => semaphore.WaitAsync(cancellationToken).AsTask();

        public bool TryWait() => semaphore.TryWait();

        public void Release(int count = 1) => semaphore.Release(count);

        public void Dispose()
        {
        }
    }
}

public sealed class AsyncEventContract : EventContract
{
    protected override ITested Build(bool isSet, EventResetMode mode) => new Tested(new AsyncEvent(isSet, mode));

    private sealed class Tested(AsyncEvent tested) : ITested
    {
        public bool IsSet => tested.IsSet;

        public Task WaitAsync(CancellationToken cancellationToken = default) => tested.WaitAsync(cancellationToken).AsTask();

        public void Set() => tested.Set();

        public void Reset() => tested.Reset();

        public void Dispose()
        {
        }
    }
}

public sealed class AsyncConditionContract : ConditionContract
{
    private readonly AsyncLock _lock = new();
    private readonly AsyncCondition _condition;

    public AsyncConditionContract() => _condition = new AsyncCondition(_lock);

    protected override int Waiting => _condition.Waiting;

    protected override bool IsHeld => _lock.IsHeld;

    protected override async Task<IDisposable> EnterAsync() => await _lock.EnterAsync();

    protected override Task WaitAsync(IDisposable lease, CancellationToken cancellationToken = default) =>
        _condition.WaitAsync((AsyncLease)lease, cancellationToken);

    protected override void Notify(int count = 1) => _condition.Notify(count);

    protected override void NotifyAll() => _condition.NotifyAll();
}

public sealed class AsyncBarrierContract : BarrierContract
{
    protected override ITested Build(int participantCount) => new Tested(new AsyncBarrier(participantCount));

    private sealed class Tested(AsyncBarrier barrier) : ITested
    {
        public bool IsBroken => barrier.IsBroken;

        public int ParticipantsRemaining => barrier.ParticipantsRemaining;

        public Task SignalAndWaitAsync(CancellationToken cancellationToken = default) => barrier.SignalAndWaitAsync(cancellationToken).AsTask();

        public void Abort() => barrier.Abort();

        public void Reset() => barrier.Reset();

        public void Dispose()
        {
        }
    }
}
