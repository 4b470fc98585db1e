using Samovar.Loops.Groups;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;

namespace Samovar.Loops.Coordination;

/// <summary>A waiter in an <see cref="AsyncWaitQueue"/>. Under the queue's lock it is either in the queue or has left it. The code that takes it out,
/// to grant or to cancel it, completes its wait. So no grant goes to a waiter that has left, and no grant is lost.</summary>
internal sealed class Waiter
{
    private static readonly Action<object?, CancellationToken> s_leave = static (waiter, token) => ((Waiter)waiter!).Leave(token);

    private readonly AsyncWaitQueue _queue;
    private readonly TaskCompletionSource _end;

    public Waiter(AsyncWaitQueue queue, IWaitedFor waitedFor)
    {
        _queue = queue;
        _end = new TaskCompletionSource(waitedFor, TaskCreationOptions.RunContinuationsAsynchronously);
        Task = AmbientFrame.Current?.Task;
        Code = LoopSelfWaits.CodeAtHand;
    }

    /// <summary>The waiting task of a group, for reports.</summary>
    public IInspected? Task { get; }

    /// <summary>The waiting code, for the lease that it is granted.</summary>
    public object? Code { get; }

    /// <summary>What the waiter waits for, as given when it joined its first queue.</summary>
    public IWaitedFor WaitedFor => (IWaitedFor)_end.Task.AsyncState!;

    /// <summary>Completes when the waiter is granted, fails or is cancelled.</summary>
    public Task End => _end.Task;

    /// <summary>The primitive's own data: what is requested or delivered, and what was granted.</summary>
    public object? Load { get; set; }

    public Waiter? Next { get; set; }

    public Waiter? Previous { get; set; }

    public bool IsQueued { get; set; }

    /// <summary>Whether the waiter is in a queue that it cannot leave before its turn, even by cancellation.</summary>
    public bool IsBound { get; set; }

    /// <summary>Lets the waiter continue. Called after it was taken out of the queue; not under a lock.</summary>
    public void Grant() => _end.TrySetResult();

    /// <summary>Grants this waiter and those linked behind it, all of which were taken out of their queues. Not under a lock.</summary>
    public void GrantAll()
    {
        for (var waiter = this; waiter is not null;)
        {
            var next = waiter.Next;
            waiter.Next = null;
            waiter.Grant();
            waiter = next;
        }
    }

    /// <summary>Completes the wait with an error. Called after the waiter was taken out of the queue.</summary>
    public void Fail(Exception error) => _end.TrySetException(error);

    /// <summary>Waits to be granted. Leaves the queue when the token or the enclosing scope is cancelled.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var own = cancellationToken.UnsafeRegister(s_leave, this);
        var ofScope = CancelScope.CurrentToken.UnsafeRegister(s_leave, this);
        try
        {
            if (_end.Task.IsCanceled) await RefusedWait.Cancel(cancellationToken.IsCancellationRequested ? cancellationToken : CancelScope.CurrentToken).ConfigureAwait(true);
            await _end.Task.ConfigureAwait(true);
        }
        finally
        {
            own.Unregister();
            ofScope.Unregister();
        }
    }

    private void Leave(CancellationToken token)
    {
        if (!_queue.Remove(this, out var then)) return; // it was granted or has already left
        _end.TrySetCanceled(token);
        then?.Invoke();
    }
}
