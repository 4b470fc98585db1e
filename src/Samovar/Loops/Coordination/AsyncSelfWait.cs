using Samovar.Tasks.Core;

namespace Samovar.Loops.Coordination;

/// <summary>A waiter in the queue of a lock, a semaphore or a limiter that may be its own holder.</summary>
/// <param name="owner">The lock, semaphore or limiter.</param>
/// <param name="name">The owner's kind and name, for the error.</param>
/// <param name="queue">The owner's queue.</param>
/// <param name="waiter">The waiter.</param>
/// <param name="areAll">Returns whether the given leases are all leases that are held.</param>
internal sealed class AsyncSelfWait(object owner, string name, AsyncWaitQueue queue, Waiter waiter, Func<IReadOnlyCollection<object>, bool> areAll) : SelfWait
{
    public override Task Wait => waiter.End;

    public override bool IsHold(object value) => value is AsyncLease lease && lease.IsOf(owner);

    public override void Found(IReadOnlyCollection<object> holds, string methods)
    {
        if (!areAll(holds) || !queue.Remove(waiter, out var then)) return;
        waiter.Fail(Refusal(name, methods));
        then?.Invoke();
    }
}
