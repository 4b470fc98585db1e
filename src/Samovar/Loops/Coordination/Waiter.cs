using Samovar.Loops.Groups;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;

namespace Samovar.Loops.Coordination;

/// <summary>One who waits in a <see cref="AsyncWaitQueue"/>. Under the queue's lock it is in the queue or has left it; whoever takes it out, to grant or to cancel,
/// is the one who ends its wait. So nothing is granted to one who has gone, and nothing is lost.</summary>
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

    /// <summary>The task of a group that waits; for reports.</summary>
    public IInspected? Task { get; }

    /// <summary>The code that waits, for the lease that it is given.</summary>
    public object? Code { get; }

    /// <summary>What it waits for, as it said when it joined its first line.</summary>
    public IWaitedFor WaitedFor => (IWaitedFor)_end.Task.AsyncState!;

    /// <summary>Completes when it goes on, or is refused.</summary>
    public Task End => _end.Task;

    /// <summary>What is asked for or brought, and what was granted: the primitive's own.</summary>
    public object? Load { get; set; }

    public Waiter? Next { get; set; }

    public Waiter? Previous { get; set; }

    public bool IsQueued { get; set; }

    /// <summary>It is in a queue that it does not leave before its turn, whatever trips.</summary>
    public bool IsBound { get; set; }

    /// <summary>Lets it go on. After it has been taken out of the queue; not under a lock.</summary>
    public void Grant() => _end.TrySetResult();

    /// <summary>Grants this one and those that are linked behind it, which have all been taken out of their lines. Not under a lock.</summary>
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

    /// <summary>Ends its wait with an error. After it has been taken out of the queue.</summary>
    public void Fail(Exception error) => _end.TrySetException(error);

    /// <summary>Waits to be granted; leaves the queue when the token or the scope around it trips.</summary>
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
        if (!_queue.Remove(this, out var then)) return; // it has been granted, or gone before
        _end.TrySetCanceled(token);
        then?.Invoke();
    }
}
