using Samovar.Tasks.Core;

namespace Samovar.Ipc.Locks;

/// <summary>A waiter for permits of an object that this process holds, possibly in the waiter's own asynchronous method.</summary>
internal sealed class SemaphoreSelfWait(SharedSemaphore semaphore, AcquireMode mode, CancellationToken cancellationToken) : SelfWait, IDisposable
{
    private readonly CancellationTokenSource _giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private Task _wait = Task.CompletedTask;
    private LockRecursionException? _error;

    public override Task Wait => _wait;

    public override bool IsHold(object value) => value is ProcessLease lease && lease.IsOf(semaphore);

    public override void Found(IReadOnlyCollection<object> holds, string methods)
    {
        // Another holder may release one of several permits; all of them are never free while one is held here.
        if (!mode.IsAll && semaphore.Capacity > 1 && !holds.Any(static hold => ((ProcessLease)hold).IsAll)) return;
        var format = semaphore.Region.Format;
        Volatile.Write(ref _error, Refusal($"{format.Kind}{(format.Name is null ? "" : $" '{format.Name}'")}", methods)); // SYNC: self-wait found and cancelled
        try
        {
            _giveUp.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The wait's own token has completed it in the meantime; there is nothing left to cancel.
        }
    }

    /// <summary>Waits, and throws if the wait is found to be a deadlock with its own caller.</summary>
    public async ValueTask<ProcessLease?> EnterAsync(Func<CancellationToken, ValueTask<ProcessLease?>> wait, SelfWaitWatch watch)
    {
        var entered = wait(_giveUp.Token).AsTask();
        _wait = entered;
        if (!entered.IsCompleted) watch.Look(this, cancellationToken);
        try
        {
            return await entered.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (Volatile.Read(ref _error) is not null) // SYNC: self-wait found and cancelled
        {
            throw _error!;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken); // instead of the internal token
        }
    }

    public void Dispose() => _giveUp.Dispose();
}
