using Samovar.Tasks.Core;

namespace Samovar.Loops.Coordination;

/// <summary>One who waits in the queue of a lock, semaphore or limiter, and may be its holder.</summary>
/// <param name="owner">What is waited for.</param>
/// <param name="name">Its kind and name, for the error.</param>
/// <param name="queue">Its line.</param>
/// <param name="waiter">Who waits in it.</param>
/// <param name="areAll">Whether these leases are all that are out.</param>
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
