using Samovar.Ipc;
using Samovar.Ipc.Platform;
using Samovar.Tests.Processes;

namespace Samovar.Tests.Contract.Coordination;

[Collection(ProcessTestCollection.Name)]
public sealed class ProcessLockContract : ProcessLockContractBase
{
    public ProcessLockContract()
        : base(SharedStore.Of(ChannelKind.Linux))
    {
    }
}

[Collection(ProcessTestCollection.Name)]
public sealed class ProcessSemaphoreContract : ProcessSemaphoreContractBase
{
    private protected override SharedStore Store => SharedStore.Of(ChannelKind.Linux);
}

[Collection(ProcessTestCollection.Name)]
public sealed class ProcessEventContract : ProcessEventContractBase
{
    private protected override SharedStore Store => SharedStore.Of(ChannelKind.Linux);
}

[Collection(ProcessTestCollection.Name)]
public sealed class ProcessConditionContract : ProcessConditionContractBase
{
    public ProcessConditionContract()
        : base(SharedStore.Of(ChannelKind.Linux))
    {
    }
}

[Collection(ProcessTestCollection.Name)]
public sealed class ProcessBarrierContract : ProcessBarrierContractBase
{
    private protected override SharedStore Store => SharedStore.Of(ChannelKind.Linux);
}

[Collection(ProcessTestCollection.Name)]
public sealed class PortableProcessLockContract : ProcessLockContractBase
{
    public PortableProcessLockContract()
        : base(SharedStore.Of(ChannelKind.Portable))
    {
    }
}

[Collection(ProcessTestCollection.Name)]
public sealed class PortableProcessSemaphoreContract : ProcessSemaphoreContractBase
{
    private protected override SharedStore Store => SharedStore.Of(ChannelKind.Portable);
}

[Collection(ProcessTestCollection.Name)]
public sealed class PortableProcessEventContract : ProcessEventContractBase
{
    private protected override SharedStore Store => SharedStore.Of(ChannelKind.Portable);
}

[Collection(ProcessTestCollection.Name)]
public sealed class PortableProcessConditionContract : ProcessConditionContractBase
{
    public PortableProcessConditionContract()
        : base(SharedStore.Of(ChannelKind.Portable))
    {
    }
}

[Collection(ProcessTestCollection.Name)]
public sealed class PortableProcessBarrierContract : ProcessBarrierContractBase
{
    private protected override SharedStore Store => SharedStore.Of(ChannelKind.Portable);
}

/// <summary>A lock between processes, used in one.</summary>
public abstract class ProcessLockContractBase : LockContract, IDisposable
{
    private readonly ProcessLock _lock;

    private protected ProcessLockContractBase(SharedStore store) => _lock = new ProcessLock(null, store);

    protected override bool IsHeld => _lock.IsHeld;

    protected override int Waiting => _lock.Waiting;

    protected override (int Available, int Waiting) Statistics => _lock.GetStatistics() is var now ? (now.Available, now.Waiting) : default;

    public void Dispose()
    {
        _lock.Dispose();
        GC.SuppressFinalize(this);
    }

    protected override async Task<IDisposable> EnterAsync(CancellationToken cancellationToken = default) => await _lock.EnterAsync(cancellationToken);

    protected override IDisposable? TryEnter() => _lock.TryEnter();
}

/// <summary>A semaphore between processes, used in one.</summary>
public abstract class ProcessSemaphoreContractBase : SemaphoreContract
{
    private protected abstract SharedStore Store { get; }

    protected override ITested Build(int initialCount, int? maxCount = null) => new Tested(new ProcessSemaphore(initialCount, maxCount, null, Store));

    private sealed class Tested(ProcessSemaphore semaphore) : ITested
    {
        public int CurrentCount => semaphore.CurrentCount;

        public int MaxCount => semaphore.MaxCount;

        public int Waiting => semaphore.Waiting;

        public (int Available, int Waiting) Statistics => semaphore.GetStatistics() is var now ? (now.Available, now.Waiting) : default;

        public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken = default) => await semaphore.EnterAsync(cancellationToken);

        public IDisposable? TryEnter() => semaphore.TryEnter();

        public Task WaitAsync(CancellationToken cancellationToken = default) => semaphore.WaitAsync(cancellationToken).AsTask();

        public bool TryWait() => semaphore.TryWait();

        public void Release(int count = 1) => semaphore.Release(count);

        public void Dispose() => semaphore.Dispose();
    }
}

/// <summary>An event between processes, used in one.</summary>
public abstract class ProcessEventContractBase : EventContract
{
    private protected abstract SharedStore Store { get; }

    protected override ITested Build(bool isSet, EventResetMode mode) => new Tested(new ProcessEvent(isSet, mode, null, Store));

    private sealed class Tested(ProcessEvent tested) : ITested
    {
        public bool IsSet => tested.IsSet;

        public Task WaitAsync(CancellationToken cancellationToken = default) => tested.WaitAsync(cancellationToken).AsTask();

        public void Set() => tested.Set();

        public void Reset() => tested.Reset();

        public void Dispose() => tested.Dispose();
    }
}

/// <summary>A condition between processes, used in one.</summary>
public abstract class ProcessConditionContractBase : ConditionContract, IDisposable
{
    private readonly ProcessLock _lock;
    private readonly ProcessCondition _condition;

    private protected ProcessConditionContractBase(SharedStore store)
    {
        _lock = new ProcessLock(null, store);
        _condition = new ProcessCondition(_lock, null, store);
    }

    protected override int Waiting => _condition.Waiting;

    protected override bool IsHeld => _lock.IsHeld;

    public void Dispose()
    {
        _condition.Dispose();
        _lock.Dispose();
        GC.SuppressFinalize(this);
    }

    protected override async Task<IDisposable> EnterAsync() => await _lock.EnterAsync();

    protected override Task WaitAsync(IDisposable lease, CancellationToken cancellationToken = default) =>
        _condition.WaitAsync((ProcessLease)lease, cancellationToken).AsTask();

    protected override void Notify(int count = 1) => _condition.Notify(count);

    protected override void NotifyAll() => _condition.NotifyAll();
}

/// <summary>A barrier between processes, used in one.</summary>
public abstract class ProcessBarrierContractBase : BarrierContract
{
    private protected abstract SharedStore Store { get; }

    protected override ITested Build(int participantCount) => new Tested(new ProcessBarrier(participantCount, null, Store));

    private sealed class Tested(ProcessBarrier barrier) : ITested
    {
        public bool IsBroken => barrier.IsBroken;

        public int ParticipantsRemaining => barrier.ParticipantsRemaining;

        public Task SignalAndWaitAsync(CancellationToken cancellationToken = default) => barrier.SignalAndWaitAsync(cancellationToken).AsTask();

        public void Abort() => barrier.Abort();

        public void Reset() => barrier.Reset();

        public void Dispose() => barrier.Dispose();
    }
}
